/**
 * The three files of cloud-init's NoCloud data source, which turn a stock image into one node of the lab. They contain
 * no secret.
 */

import { stringify } from 'yaml'
import type { Lab, LabNode } from '../declaration/lab.ts'

export interface CloudInit {
  metaData: string
  userData: string
  networkConfig: string
}

/** Run by cloud-init at every boot, when sshd has its keys. */
export const hostKeyScript = '/var/lib/cloud/scripts/per-boot/duostack-host-key'

/**
 * The machine makes its host key itself, so that the private half is in no state and on no disk but its own. The public
 * half comes to us by the serial console, as from our own image: nobody but this host can read or write there.
 */
export const showHostKey = `#!/bin/sh
read -r type blob _ < /etc/ssh/ssh_host_ed25519_key.pub
printf '\\r\\nduostack-host-key: %s %s\\r\\n' "$type" "$blob" > /dev/ttyS0
`

/** cloud-init reads YAML 1.1, to which a node name `on` is true and a MAC address of decimal digits a number. */
const yaml = (document: unknown) => stringify(document, { version: '1.1', lineWidth: 0 })

/** `publicKey`: the middle word of the lab's ssh key. */
export function renderCloudInit(lab: Lab, node: LabNode, publicKey: string): CloudInit {
  return {
    metaData: yaml({ 'instance-id': `duostack-${lab.id}-${node.name}`, 'local-hostname': node.name }),
    userData: `#cloud-config\n${yaml(userData(node, `ssh-ed25519 ${publicKey} duostack`))}`,
    networkConfig: yaml(networkConfig(lab, node)),
  }
}

function userData(node: LabNode, authorizedKey: string) {
  return {
    hostname: node.name,
    // /etc/hosts is the lab's: one address for each name, none on loopback.
    manage_etc_hosts: false,
    // Always there; any other would be made first, half a minute on an emulated node.
    locale: 'C.UTF-8',
    disable_root: false,
    ssh_pwauth: false,
    users: [{ name: 'root', ssh_authorized_keys: [authorizedKey] }],
    ssh_deletekeys: true,
    ssh_genkeytypes: ['ed25519'],
    write_files: [{ path: hostKeyScript, permissions: '0755', content: showHostKey }],
    // The packages come from the lab's own step: nothing is looked for before it.
    package_update: false,
    package_upgrade: false,
  }
}

/** By MAC address under the names that the lab's services know; the provider interface is Neutron's, without address. */
function networkConfig(lab: Lab, { macs, address }: LabNode) {
  const named = (name: string, mac: string) => ({ match: { macaddress: mac.toLowerCase() }, 'set-name': name })
  const quiet = { dhcp4: false, dhcp6: false, 'accept-ra': false }
  return {
    version: 2,
    ethernets: {
      eth0: {
        ...named('eth0', macs.management),
        ...quiet,
        addresses: [`${address}/${lab.networks.management.prefixLength}`],
      },
      eth1: { ...named('eth1', macs.provider), ...quiet, 'link-local': [], optional: true },
    },
  }
}
