/** Time: the controller is the time server; every other node follows it. */

import { controllerOf, type Lab, nodesWith, type Role } from '../declaration/lab.ts'
import type { ConfigFile, Part, Readiness, ServiceDefinition } from '../engine/service.ts'
import { unitDropIn } from './unit-drop-in.ts'

export const chrony: ServiceDefinition = (lab) => {
  const followers = followerRoles(lab)
  return {
    name: 'chrony',
    needs: ['base'],
    parts: [serverPart(lab), ...followers.map((role) => followerPart(lab, role))],
    ready: followers.map((role) => follows(lab, role)),
  }
}

/** The roles that the controller does not have: if a node has two roles, both must write the same file. */
function followerRoles(lab: Lab): Role[] {
  const roles: Role[] = ['compute', 'storage']
  return roles.filter((role) => {
    const nodes = nodesWith(lab, role)
    return nodes.length > 0 && !nodes.includes(controllerOf(lab))
  })
}

function serverPart(lab: Lab): Part {
  return part(lab, 'controller', [
    "# The lab has no way out to a time server: this clock is the lab's, right or wrong, and all follow it.",
    'local stratum 10',
    `bindaddress ${controllerOf(lab).address}`,
    `allow ${lab.networks.management.cidr}`,
  ])
}

function followerPart(lab: Lab, role: Role): Part {
  return part(lab, role, [`server ${controllerOf(lab).address} iburst minpoll 4 maxpoll 6`, 'port 0'])
}

function part(lab: Lab, on: Role, lines: readonly string[]): Part {
  const content = [...lines, 'driftfile /var/lib/chrony/chrony.drift', 'makestep 1.0 3', 'rtcsync', ''].join('\n')
  const files: ConfigFile[] = [{ path: '/etc/chrony/chrony.conf', content }, ...containerFiles(lab)]
  return { on, packages: ['chrony'], files, units: ['chrony'] }
}

/**
 * Nodes in containers share the host's clock: with -x chronyd measures it but never sets it; otherwise the chronyd of
 * every node would adjust it. This also avoids CAP_SYS_TIME, which containers lack and the packaged unit requires.
 */
function containerFiles(lab: Lab): ConfigFile[] {
  if (lab.hypervisor !== 'lxc') return []
  return [
    { path: '/etc/default/chrony', content: 'DAEMON_OPTS="-F 1 -x"\n' },
    unitDropIn('chrony', { Unit: ['ConditionCapability='] }),
  ]
}

function follows(lab: Lab, role: Role): Readiness {
  return {
    what: `chrony on the ${role} node follows the controller`,
    on: role,
    // The selected source, by address; -n because there is no name server here.
    command: `sources=$(chronyc -n sources)\necho "$sources"\ngrep -qF '^* ${controllerOf(lab).address} ' <<< "$sources"`,
  }
}
