/** The registry of rules, in the order in which a person would look: this machine, nodes, what all services rest on, services, instances. */

import type { AnyRule } from '../rule.ts'
import { agentDead, agentDisabled, ebtablesBroken, linuxbridgeFlag, nicIsBridge, nicMapping } from './agents.ts'
import { apiSilent, uwsgiThreads } from './apis.ts'
import {
  bridgeUnfiltered,
  clockAdrift,
  clockBehind,
  hostNameChanged,
  nameOnLoopback,
  packagesLocked,
} from './basics.ts'
import { brokerBlocked, brokerBroken, brokerDown, brokerRefuses, brokerUnreachable } from './broker.ts'
import { apacheConfig, cacheDown, consoleProxy, dashboardSessions } from './browser.ts'
import { diskFull, memoryFull } from './capacity.ts'
import { endpointDouble, endpointMissing, endpointWrong } from './catalog.ts'
import { computeDisabled, computeDown, hostUnmapped, instanceFiles, virtTypeWrong } from './compute.ts'
import { databaseDown, databaseFull, databaseRefuses } from './database.ts'
import { runCutOff } from './deploy.ts'
import { dhcpMissing } from './dhcp.ts'
import { framesUnfiltered } from './frames.ts'
import { hostDisk } from './host-disk.ts'
import { bridgeFiltered, bridgeModuleMissing, inotifyUsedUp } from './host-kernel.ts'
import { adminRefused, credentialsRefused, keystoneKeys, serviceRoleMissing } from './identity.ts'
import { instanceImpaired } from './instance-impaired.ts'
import { instancePaused } from './instance-paused.ts'
import { instanceError, instanceSilent, securityGroupCloses } from './instances.ts'
import { isolatedMetadataOff, metadataProxyOff, metadataRefused } from './metadata.ts'
import { projectMtu, vxlanPeer } from './overlay.ts'
import { noRoom, orphanAllocation } from './placement.ts'
import { foreignDhcp, hostAddressMissing, libvirtSilent, nodeNotRunning, nodeSilent, routeElsewhere } from './reach.ts'
import { natMissing, routerMissing, routerUnhosted } from './routers.ts'
import { unitDown, unitFrozen, unitNotEnabled } from './units.ts'
import { volumeDriver, volumeGroupMissing, volumeShareMissing, volumeStuck } from './volumes.ts'
import { mtuDiffers, providerDown, tapUnbridged, uplinkUnbridged } from './wires.ts'

/** Whatever explains another finding stands before it. */
export const rules = {
  'host-disk': hostDisk,
  'libvirt-silent': libvirtSilent,
  'host-address': hostAddressMissing,
  'route-elsewhere': routeElsewhere,
  'node-not-running': nodeNotRunning,
  'node-silent': nodeSilent,
  'foreign-dhcp': foreignDhcp,
  'bridge-filtered': bridgeFiltered,
  'bridge-module': bridgeModuleMissing,
  'inotify-used-up': inotifyUsedUp,

  'host-name': hostNameChanged,
  'name-on-loopback': nameOnLoopback,
  'clock-behind': clockBehind,
  'clock-adrift': clockAdrift,
  'memory-full': memoryFull,
  'disk-full': diskFull,
  'packages-locked': packagesLocked,
  'bridge-unfiltered': bridgeUnfiltered,

  'broker-down': brokerDown,
  'broker-broken': brokerBroken,
  'broker-unreachable': brokerUnreachable,
  'broker-refuses': brokerRefuses,
  'broker-blocked': brokerBlocked,
  'database-down': databaseDown,
  'database-full': databaseFull,
  'database-refuses': databaseRefuses,
  'cache-down': cacheDown,

  'keystone-keys': keystoneKeys,
  'admin-refused': adminRefused,
  'credentials-refused': credentialsRefused,
  'service-role': serviceRoleMissing,
  'endpoint-missing': endpointMissing,
  'endpoint-double': endpointDouble,
  'endpoint-wrong': endpointWrong,

  'linuxbridge-flag': linuxbridgeFlag,
  'nic-mapping': nicMapping,
  'nic-is-bridge': nicIsBridge,
  'virt-type': virtTypeWrong,
  'instance-files': instanceFiles,
  'volume-group': volumeGroupMissing,
  'volume-share': volumeShareMissing,
  'apache-config': apacheConfig,
  'console-proxy': consoleProxy,

  'unit-frozen': unitFrozen,
  'unit-down': unitDown,
  'unit-not-enabled': unitNotEnabled,
  'api-silent': apiSilent,
  'uwsgi-threads': uwsgiThreads,
  'dashboard-sessions': dashboardSessions,

  'agent-disabled': agentDisabled,
  'agent-dead': agentDead,
  'ebtables-broken': ebtablesBroken,
  'frames-unfiltered': framesUnfiltered,
  'compute-disabled': computeDisabled,
  'compute-down': computeDown,
  'host-unmapped': hostUnmapped,
  'orphan-allocation': orphanAllocation,
  'no-room': noRoom,
  'volume-driver': volumeDriver,
  'volume-stuck': volumeStuck,

  'isolated-metadata': isolatedMetadataOff,
  'metadata-proxy': metadataProxyOff,
  'metadata-refused': metadataRefused,

  'provider-down': providerDown,
  'uplink-unbridged': uplinkUnbridged,
  'tap-unbridged': tapUnbridged,
  'mtu-differs': mtuDiffers,
  'dhcp-missing': dhcpMissing,
  'security-group': securityGroupCloses,
  'instance-error': instanceError,
  'instance-paused': instancePaused,
  'instance-impaired': instanceImpaired,
  'instance-silent': instanceSilent,

  'router-unhosted': routerUnhosted,
  'router-missing': routerMissing,
  'nat-missing': natMissing,
  'vxlan-peer': vxlanPeer,
  'project-mtu': projectMtu,

  'run-cut-off': runCutOff,
} satisfies Record<string, AnyRule>

export type RuleName = keyof typeof rules
