/** Every timeout of a lab, with what it is for: one table, from which docs/reference/limits.md is made. */

import type { Lab } from '../declaration/lab.ts'

export interface Timeout {
  /** On an ordinary machine. */
  seconds: number
  /** Completes "waits for". */
  for: string
  /** It grows with the lab's time scale, this many times at most; 1: it does not grow. Absent: without a limit. */
  largestScale?: number
}

/** In real seconds, for this lab. */
export const scaled = ({ timeScale }: Pick<Lab, 'timeScale'>, { seconds, largestScale = timeScale }: Timeout): number =>
  seconds * Math.min(timeScale, largestScale)

const onThisMachine = { largestScale: 1 }
/** A lost message also blocks its caller for the whole time: five times as long was enough in practice. */
const amongServices = { largestScale: 5 }

const nodes = {
  boot: { seconds: 90, for: 'a node that was started to answer over ssh, or to show its host key' },
  booted: { seconds: 60, for: 'a node that refuses connections because it is still booting; then ssh says its error' },
  services: { seconds: 150, for: 'all services of nodes that were just started, before a difference counts as drift' },
  // Systemd waits 90 s for a process that does not end when told to, and 90 s more when it is killed.
  shutdown: { seconds: 240, for: 'a node to shut down; the error then names the hard power-off' },
  connection: { seconds: 10, largestScale: 3, for: 'an ssh connection to be made' },
  silence: { seconds: 60, largestScale: 5, for: 'an ssh connection that says nothing' },
  status: { seconds: 2, largestScale: 20, for: 'a node or the cloud, for `./lab status`' },
  doctor: { seconds: 20, for: 'a node, for `./lab doctor`' },
  doctorProbe: { seconds: 3, largestScale: 6, for: 'one service on a node, for `./lab doctor`' },
  glance: { seconds: 10, for: 'the clock of a node' },
  answer: { seconds: 30, for: 'a short question to a node' },
  query: { seconds: 60, for: 'a longer question to a node or an instance' },
  work: { seconds: 120, for: 'logs, wiring or a repair on a node' },
  archive: { seconds: 180, for: 'the logs of a node for an export, and the recorder of a trace' },
  command: { seconds: 1800, for: 'any other command on a node' },
} satisfies Record<string, Timeout>

const services = {
  step: { seconds: 120, for: 'one step of applying a service' },
  slowStep: { seconds: 180, for: 'a database migration, or the mapping of compute nodes to their cell' },
  roundTrip: { seconds: 600, for: 'another run for the same service on the node, on top of the steps' },
  packages: { seconds: 1800, for: 'packages to be installed on a node' },
  aptLock: { seconds: 600, ...onThisMachine, for: "the lock of the node's apt; then apt's error names its holder" },
  restart: { seconds: 900, for: 'the units of a service to be restarted' },
  stop: { seconds: 300, for: 'a unit to be stopped, or the wires of the instances to be put back' },
  ready: { seconds: 60, for: 'a service to be ready; longer while this machine is crowded' },
  slowReady: { seconds: 120, for: 'the same: Nova, Neutron, Cinder, Horizon' },
  slowestReady: { seconds: 180, for: "the same: Cinder's volume service" },
  readyAnswer: { seconds: 10, for: 'one answer of a service that is to become ready' },
  readyCommand: { seconds: 30, for: 'one command that checks whether a service is ready, at least' },
} satisfies Record<string, Timeout>

const cloud = {
  request: { seconds: 30, for: 'one request to an API' },
  quickRequest: { seconds: 10, for: 'the same, for a command that looks only once' },
  doctorRequest: { seconds: 15, largestScale: 6, for: 'the same, for `./lab doctor`' },
  keystone: { seconds: 60, for: 'a Keystone that is starting, while a service is registered' },
  upload: { seconds: 60, for: 'an image to be uploaded, and a second for each 500 kB' },
  volume: { seconds: 240, for: 'a volume, a snapshot or a backup to be made' },
  passing: {
    seconds: 600,
    for: 'a volume that is being created, deleted or attached, before `./lab doctor` reports it',
  },
  removal: { seconds: 120, for: 'an object to be removed' },
  move: { seconds: 300, for: 'a server that `--evict` stops, moves or starts' },
  moveIdle: { seconds: 15, for: 'the same, once Nova is doing nothing with it any more' },
  smallVolume: { seconds: 60, for: 'the empty volume of a trace' },
  object: { seconds: 300, for: 'an object that Terraform makes or removes' },
  server: { seconds: 600, for: 'an instance that Terraform makes or changes' },
  console: { seconds: 600, ...onThisMachine, for: 'a browser to open the console that `./lab console` forwards' },
  consoleAgain: { seconds: 60, ...onThisMachine, for: 'the same, after it was closed' },
  dashboard: { seconds: 30, for: 'the dashboard, before `./lab open` shows its address' },
} satisfies Record<string, Timeout>

const verify = {
  active: { seconds: 120, for: 'an instance to be ACTIVE, and frames with their VLAN tag' },
  ping: { seconds: 90, for: 'an instance to answer ping' },
  lease: { seconds: 30, for: 'the lease on the console of an instance' },
  login: { seconds: 60, for: 'ssh into an instance' },
  agents: { seconds: 90, for: 'agents, compute and volume services to be alive, and clocks to agree' },
  others: { seconds: 60, for: 'endpoints, networks, dashboard, console' },
  demo: { seconds: 30, for: 'the user `demo` to sign in' },
  page: { seconds: 60, for: 'one page of the dashboard' },
  quickPage: { seconds: 15, for: 'the same, for a command that looks only once' },
  screen: { seconds: 30, for: 'the screen of an instance' },
  disk: { seconds: 60, for: 'an instance to see a volume, or to no longer see it' },
  bootFromVolume: { seconds: 180, for: 'an instance of a volume to be ACTIVE, then to answer over ssh' },
  echo: { seconds: 2, largestScale: 5, for: 'the answer to one ping' },
  connection: { seconds: 10, largestScale: 6, for: 'an ssh connection to an instance to be made' },
  launch: { seconds: 120, for: 'a launch that `./lab trace` records' },
  drill: { seconds: 600, for: 'the end of a drill, before the node starts again what it stopped' },
  repaired: { seconds: 60, for: 'what `./lab doctor --fix` repaired to be seen everywhere' },
  newFinding: { seconds: 15, for: 'the same, where only something new is found' },
} satisfies Record<string, Timeout>

/** What the services wait for among themselves: mostly the defaults of Nova, Neutron and Cinder. */
const openstack = {
  rpcResponse: { seconds: 60, ...amongServices, for: '`rpc_response_timeout`: the answer to a call' },
  serviceReport: { seconds: 10, ...amongServices, for: 'Nova, Cinder `report_interval`: the next sign of life' },
  serviceDown: { seconds: 60, ...amongServices, for: 'Nova, Cinder `service_down_time`: a service counts as down' },
  agentReport: { seconds: 30, ...amongServices, for: 'Neutron `report_interval`: the next sign of life' },
  agentDown: { seconds: 75, ...amongServices, for: 'Neutron `agent_down_time`: an agent counts as down' },
  vifPlugging: {
    seconds: 300,
    ...amongServices,
    for: "Nova `vif_plugging_timeout`: Neutron's word that a port is wired",
  },
  unitStart: { seconds: 300, ...amongServices, for: 'systemd: a unit to be up, with its wait for another service' },
  // The packages say 15, and nova-compute loses work to it.
  unitStop: { seconds: 30, ...amongServices, for: 'systemd: a unit to stop before it is killed' },
  anyUnit: { seconds: 90, for: 'systemd: any other unit to start' },
  admin: { seconds: 60, for: 'a request of a service to another one that is starting' },
} satisfies Record<string, Timeout>

const machine = {
  libvirtd: { seconds: 10, for: "the lab's own libvirtd to answer after its start" },
  libvirtdStart: { seconds: 60, for: 'the same, with the end of the previous one' },
  libvirtdAnswer: { seconds: 10, largestScale: 6, for: 'a libvirtd; one that takes longer hangs' },
  systemLibvirtd: { seconds: 300, ...onThisMachine, for: "the system's libvirtd to start" },
  glimpse: { seconds: 10, ...onThisMachine, for: 'a quick question to this machine' },
  look: { seconds: 20, ...onThisMachine, for: 'the version of a tool, the interfaces of this machine' },
  query: { seconds: 30, ...onThisMachine, for: 'a question to libvirt, a small change to this machine' },
  probe: { seconds: 40, ...onThisMachine, for: 'a test whether a hypervisor works' },
  command: { seconds: 60, ...onThisMachine, for: 'a command to libvirt, a clean-up, a mount' },
  inventory: { seconds: 90, ...onThisMachine, for: 'a list of all that belongs to the lab' },
  stateLock: { seconds: 60, ...onThisMachine, for: "Terraform's lock of a state" },
  state: { seconds: 120, ...onThisMachine, for: "a change to Terraform's state" },
  speed: { seconds: 180, ...onThisMachine, for: 'the speed of this machine to be measured' },
  containerRoot: { seconds: 300, ...onThisMachine, for: 'the root of a container to be removed' },
  image: { seconds: 900, ...onThisMachine, for: 'an image to be checked' },
  aptLock: { seconds: 300, ...onThisMachine, for: 'another apt on this machine' },
  packages: { seconds: 1800, ...onThisMachine, for: 'packages to be installed on this machine' },
  providers: { seconds: 600, ...onThisMachine, for: "Terraform's providers to be fetched" },
  buildProviders: { seconds: 1800, ...onThisMachine, for: 'the same, to be built' },
  buildOpenTofu: { seconds: 3600, ...onThisMachine, for: 'OpenTofu to be built' },
} satisfies Record<string, Timeout>

const outside = {
  registry: { seconds: 3, ...onThisMachine, for: 'the registry of providers, before they are built here' },
  source: { seconds: 15, ...onThisMachine, for: 'a package source that says nothing' },
  text: { seconds: 30, ...onThisMachine, for: 'a short text' },
  stalled: { seconds: 60, ...onThisMachine, for: 'the next byte of a download' },
  release: { seconds: 120, ...onThisMachine, for: 'a release of OpenTofu' },
} satisfies Record<string, Timeout>

export const timeouts = { nodes, services, cloud, verify, openstack, machine, outside }
