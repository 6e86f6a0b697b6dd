/** How a compute node copies a server's disks to another: ssh between the compute nodes, only for Nova's user. */

import { type Lab, type LabNode, nodesWith } from '../declaration/lab.ts'
import type { Secrets } from '../declaration/secret-names.ts'
import type { ConfigFile, Part, Step } from '../engine/service.ts'
import { slowUnit } from './service-timeouts.ts'
import { deriveSshKey } from './ssh-key.ts'

/** Not the node's own sshd, which admits only root: this one runs as Nova's user, and so cannot admit anybody else. */
const migrationPort = 2022

const unit = 'nova-migration-sshd'
const unitFile = `/etc/systemd/system/${unit}.service`
const configFile = '/etc/nova/migration_sshd_config'
/** Where Nova's ssh looks by default; a node uses one key both as server and as client. */
const folder = '/var/lib/nova/.ssh'
const keyFile = `${folder}/id_ed25519`
/** Not authorized_keys, where the node's own sshd would find it. */
const peersFile = 'peers'

/** Disks can be moved only between two or more compute nodes. */
const hasPeers = (lab: Lab) => nodesWith(lab, 'compute').length > 1

export function migrationParts(lab: Lab, secrets: Secrets): Part[] {
  if (!hasPeers(lab)) return []
  const files = nodesWith(lab, 'compute').flatMap((node) => filesOf(lab, secrets, node))
  return [
    {
      on: 'compute',
      alongside: true,
      packages: ['openssh-server'],
      files: [
        { path: folder, content: '', directory: true, mode: '0700', owner: 'nova', group: 'nova' },
        ...files,
        { path: unitFile, content: unitText },
        slowUnit(lab, unit),
      ],
      units: [unit],
    },
  ]
}

/** On the only compute node left; there may have been others. */
export const forgetPeers = (lab: Lab): Step[] => (hasPeers(lab) ? [] : [forget])

const forget: Step = {
  name: 'no keys of other compute nodes',
  unless: `! [ -e ${unitFile} ] && ! [ -e ${folder} ]`,
  run: `systemctl disable -q --now ${unit} || :\nrm -rf ${folder} ${configFile} ${unitFile}.d ${unitFile}\nsystemctl daemon-reload`,
}

function filesOf(lab: Lab, secrets: Secrets, node: LabNode): ConfigFile[] {
  const keyOf = ({ name }: LabNode) => deriveSshKey(secrets.nova_migration_key, name)
  const peers = nodesWith(lab, 'compute').filter((one) => one !== node)
  const own = (name: string, content: string): ConfigFile => ({
    path: `${folder}/${name}`,
    ...{ node: node.name, content, owner: 'nova', group: 'nova', mode: '0600' },
  })
  const lines = (line: (peer: LabNode) => string) => peers.map((peer) => `${line(peer)}\n`).join('')
  return [
    own('id_ed25519', keyOf(node).private),
    own(
      'known_hosts',
      lines((peer) => `[${peer.address}]:${migrationPort} ${keyOf(peer).public}`),
    ),
    own(
      peersFile,
      lines((peer) => `from="${peer.address}",restrict ${keyOf(peer).public} ${peer.name}`),
    ),
    own('config', `Host ${peers.map(({ address }) => address).join(' ')}\n${clientOptions}`),
    { path: configFile, node: node.name, content: serverConfig(node) },
  ]
}

const clientOptions = `  Port ${migrationPort}
  IdentitiesOnly yes
  StrictHostKeyChecking yes
  GlobalKnownHostsFile /dev/null
  ConnectTimeout 30
  ServerAliveInterval 15
`

const serverConfig = ({ address }: LabNode) => `ListenAddress ${address}:${migrationPort}
HostKey ${keyFile}
AuthorizedKeysFile ${folder}/${peersFile}
AllowUsers nova
AuthenticationMethods publickey
UsePAM no
UseDNS no
PidFile none
Subsystem sftp internal-sftp
`

const unitText = `[Unit]
Description=Disks of servers from other compute nodes
After=network.target

[Service]
User=nova
ExecStart=/usr/sbin/sshd -D -f ${configFile}

[Install]
WantedBy=multi-user.target
`
