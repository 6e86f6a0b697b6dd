/**
 * Stack `nodes`: the two networks and one domain per node, created by the libvirt provider, and the cleanup on destroy.
 */

import type { Network } from '@cdktf/provider-libvirt/network'
import { LibvirtProvider } from '@cdktf/provider-libvirt/provider'
import { DataResource, TerraformSelf, TerraformStack } from 'cdktf'
import type { Construct } from 'constructs'
import type { Lab, VlanNetwork } from '../scripts/declaration/lab.ts'
import { kindOf } from '../scripts/nodes/kind-of.ts'
import { addContainer } from './node-container.ts'
import { addNetwork, type NodeNetworks } from './node-networks.ts'
import { addMachine, addPool } from './node-vm.ts'
import { runScript } from './run-script.ts'

/** The construct ids are a contract: changing one replaces its object. */
export class NodesStack extends TerraformStack {
  constructor(scope: Construct, id: string, lab: Lab) {
    super(scope, id)
    new LibvirtProvider(this, 'libvirt', { uri: lab.libvirtUri })
    const end = addSweep(this, lab)
    const networks = {
      management: addNetwork(this, 'management_network', lab.networks.management, end),
      provider: addNetwork(this, 'provider_network', lab.networks.provider, end),
    }
    if (kindOf(lab).byProvider) {
      const pool = addPool(this, lab, end)
      for (const node of lab.nodes) addMachine(this, lab, node, networks, pool)
    } else {
      for (const node of lab.nodes) addContainer(this, lab, node, networks)
    }
    if (lab.networks.vlan) addVlanInterface(this, lab, lab.networks.vlan, networks.provider)
    if (lab.outbound) addOutbound(this, lab, networks)
  }
}

/**
 * Everything here depends on it, so it is destroyed last: it removes by lab id whatever Terraform did not know, and the
 * destroy fails if anything is left.
 */
function addSweep(stack: TerraformStack, lab: Lab): DataResource {
  return new DataResource(stack, 'lab', {
    input: { id: lab.id },
    provisioners: [{ type: 'local-exec', when: 'destroy', ...runScript(lab, 'scripts/host/sweep.ts') }],
  })
}

/** This machine's interface to the VLAN network, on the provider bridge; a change of bridge or address replaces it. */
function addVlanInterface(stack: TerraformStack, lab: Lab, vlan: VlanNetwork, provider: Network): void {
  const name = TerraformSelf.getString('triggers_replace.interface')
  new DataResource(stack, 'vlan_interface', {
    triggersReplace: {
      interface: vlan.interface,
      address: `${vlan.hostAddress}/${vlan.prefixLength}`,
      bridge: provider.id,
    },
    provisioners: [
      { type: 'local-exec', ...runScript(lab, 'scripts/vlan-interface.ts', 'create') },
      // By the name under which it was created, which the declaration may no longer contain.
      { type: 'local-exec', when: 'destroy', ...runScript(lab, 'scripts/vlan-interface.ts', 'destroy', name) },
    ],
  })
}

/**
 * Opened when libvirt has made the networks, with its rules for them. No destroy provisioner: Terraform runs none of a
 * resource that is no longer configured, so `prepare` closes what is open; and `destroy` ends with the sweep.
 */
function addOutbound(stack: TerraformStack, lab: Lab, { management, provider }: NodeNetworks): void {
  const { vlan } = lab.networks
  new DataResource(stack, 'outbound', {
    triggersReplace: {
      networks: [management.id, provider.id],
      ...(vlan ? { vlan: [vlan.interface, vlan.cidr] } : {}),
      deny: lab.outbound?.deny ?? [],
      ...(lab.dns ? { dns: lab.dns } : {}),
    },
    provisioners: [{ type: 'local-exec', ...runScript(lab, 'scripts/outbound.ts') }],
  })
}
