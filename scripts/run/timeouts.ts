/** Every timeout of a lab and its purpose: one table, from which docs/reference/limits.md is generated. */

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
  boot: { seconds: 90, for: 'a started node to answer over ssh, or to print its host key' },
  booted: { seconds: 60, for: 'a booting node to accept connections; then ssh reports the error' },
  services: { seconds: 150, for: 'all services on nodes that were just started, before a difference counts as drift' },
  // Systemd waits 90 s for a process that does not end when told to, and 90 s more when it is killed.
  shutdown: { seconds: 240, for: 'a node to shut down; the error then gives the command for a hard power-off' },
  accept: { seconds: 0.5, for: 'a started node to accept a connection to port 22, before it is tried again' },
  connection: { seconds: 10, largestScale: 3, for: 'an ssh connection to open' },
  silence: { seconds: 60, largestScale: 5, for: 'data on an idle ssh connection' },
  status: { seconds: 2, largestScale: 20, for: 'an answer from a node or the cloud, for `./lab status`' },
  statusAwaited: { seconds: 10, largestScale: 5, for: 'the same, for a command that waits until the lab is healthy' },
  doctor: { seconds: 20, for: 'an answer from a node, for `./lab doctor`' },
  doctorProbe: { seconds: 3, largestScale: 6, for: 'an answer from one service on a node, for `./lab doctor`' },
  glance: { seconds: 10, for: "reading a node's clock" },
  answer: { seconds: 30, for: 'a short query on a node' },
  query: { seconds: 60, for: 'a longer query on a node or in an instance' },
  work: { seconds: 120, for: 'reading logs or interfaces on a node, or a repair there' },
  archive: { seconds: 180, for: "a node's logs for an export, and the recorder of a trace" },
  recording: { seconds: 900, ...onThisMachine, for: 'a recorder of the live page, which is then replaced by the next' },
  command: { seconds: 1800, for: 'any other command on a node' },
  capture: { seconds: 600, largestScale: 1, for: '`./lab capture` to end, without `--for`' },
  impair: { seconds: 60, largestScale: 1, for: '`./lab impair` to be undone, without `--for`' },
} satisfies Record<string, Timeout>

const services = {
  step: { seconds: 120, for: 'one step of applying a service' },
  slowStep: { seconds: 180, for: 'a database migration, or the mapping of compute nodes to their cell' },
  roundTrip: { seconds: 600, for: 'another run of the same service on the node to finish, in addition to the steps' },
  packages: { seconds: 1800, for: 'package installation on a node' },
  aptLock: { seconds: 600, ...onThisMachine, for: "apt's lock on a node; then apt's error names its holder" },
  restart: { seconds: 900, for: 'the units of a service to restart' },
  stop: { seconds: 300, for: "a unit to stop, or the instances' taps to be added to their bridges again" },
  follow: { seconds: 20, for: 'a running daemon to take a new log level; then it is restarted' },
  ready: { seconds: 60, for: 'a service to be ready; longer while this machine is under load' },
  slowReady: { seconds: 120, for: 'the same: Nova, Neutron, Cinder, Horizon' },
  slowestReady: { seconds: 180, for: "the same: Cinder's volume service" },
  readyAnswer: { seconds: 10, for: 'one answer from a service that is starting' },
  readyCommand: { seconds: 30, for: 'one command that checks whether a service is ready (minimum)' },
} satisfies Record<string, Timeout>

const cloud = {
  request: { seconds: 30, for: 'one request to an API' },
  quickRequest: { seconds: 10, for: 'the same, for a command that checks only once' },
  doctorRequest: { seconds: 15, largestScale: 6, for: 'the same, for `./lab doctor`' },
  keystone: { seconds: 60, for: 'Keystone to start, when a service is registered' },
  upload: { seconds: 60, for: 'an image upload, plus one second for every 500 kB' },
  volume: { seconds: 240, for: 'a volume, a snapshot or a backup to be created' },
  passing: { seconds: 600, for: 'a volume to be created, deleted or attached, before `./lab doctor` reports it' },
  removal: { seconds: 120, for: 'an object to be deleted' },
  move: { seconds: 300, for: 'a server to stop, move or start with `--evict`' },
  moveIdle: { seconds: 15, for: 'the same, once Nova has no task for it any more' },
  smallVolume: { seconds: 60, for: 'the empty volume of a trace' },
  object: { seconds: 300, for: 'an object that Terraform creates or deletes' },
  server: { seconds: 600, for: 'an instance that Terraform creates or changes' },
  console: { seconds: 600, ...onThisMachine, for: 'a browser to open the console that `./lab console` forwards' },
  consoleAgain: { seconds: 60, ...onThisMachine, for: 'the same, after the page was closed' },
  dashboard: { seconds: 30, for: 'the dashboard, before `./lab open` shows its address' },
} satisfies Record<string, Timeout>

const verify = {
  active: { seconds: 120, for: 'an instance to become ACTIVE, and for frames with the VLAN tag' },
  ping: { seconds: 90, for: 'an instance to answer ping' },
  lease: { seconds: 30, for: "the DHCP lease in an instance's console log" },
  login: { seconds: 60, for: 'an ssh login to an instance' },
  agents: { seconds: 90, for: 'agents, compute and volume services to be up, and clocks to be synchronized' },
  others: { seconds: 60, for: 'endpoints, networks, the dashboard and the console' },
  demo: { seconds: 30, for: 'the user `demo` to sign in' },
  page: { seconds: 60, for: 'one page of the dashboard' },
  quickPage: { seconds: 15, for: 'the same, for a command that checks only once' },
  screen: { seconds: 30, for: "an instance's screen over VNC" },
  disk: { seconds: 60, for: 'an instance to see a volume, or to no longer see it' },
  bootFromVolume: { seconds: 180, for: 'an instance with its root on a volume to become ACTIVE, then ssh' },
  echo: { seconds: 2, largestScale: 5, for: 'the answer to one ping' },
  connection: { seconds: 10, largestScale: 6, for: 'an ssh connection to an instance to open' },
  launch: { seconds: 120, for: 'a launch that `./lab trace` records' },
  drill: { seconds: 600, for: 'a drill to end, before the node restarts the stopped service by itself' },
  exercise: { seconds: 40, for: 'what `./lab exercise check` creates to be ready, or deleted' },
  exerciseAnswer: { seconds: 15, largestScale: 3, for: 'the test instance to answer `./lab exercise check`' },
  solved: {
    seconds: 180,
    for: 'the check to pass after `./lab exercise solve`, and the lab to be healthy after `stop`',
  },
  repaired: { seconds: 60, for: 'all checks to pass after `./lab doctor --fix` repaired something' },
  newFinding: { seconds: 15, for: 'the same, if only new problems remain' },
} satisfies Record<string, Timeout>

/** What the services wait for among themselves: mostly the defaults of Nova, Neutron and Cinder. */
const openstack = {
  rpcResponse: { seconds: 60, ...amongServices, for: '`rpc_response_timeout`: the answer to an RPC call' },
  serviceReport: { seconds: 10, ...amongServices, for: 'Nova, Cinder `report_interval`: the next report of a service' },
  serviceDown: {
    seconds: 60,
    ...amongServices,
    for: 'Nova, Cinder `service_down_time`: until a service counts as down',
  },
  agentReport: { seconds: 30, ...amongServices, for: 'Neutron `report_interval`: the next report of an agent' },
  agentDown: { seconds: 75, ...amongServices, for: 'Neutron `agent_down_time`: until an agent counts as down' },
  vifPlugging: {
    seconds: 300,
    ...amongServices,
    for: "Nova `vif_plugging_timeout`: Neutron's event that a port is plugged",
  },
  unitStart: { seconds: 300, ...amongServices, for: 'systemd: a unit to start, with its wait for another service' },
  // The packages say 15, and nova-compute loses work to it.
  unitStop: { seconds: 30, ...amongServices, for: 'systemd: a unit to stop before it is killed' },
  anyUnit: { seconds: 90, for: 'systemd: any other unit to start' },
  admin: { seconds: 60, for: "a service's request to another service that is starting" },
} satisfies Record<string, Timeout>

const machine = {
  libvirtd: { seconds: 10, for: "the lab's own libvirtd to answer after it was started" },
  libvirtdStart: { seconds: 60, for: 'the same, including the exit of the previous one' },
  libvirtdAnswer: { seconds: 10, largestScale: 6, for: 'an answer from libvirtd; without one, it counts as hung' },
  systemLibvirtd: { seconds: 300, ...onThisMachine, for: "the system's libvirtd to start" },
  glimpse: { seconds: 10, ...onThisMachine, for: 'a quick query on this machine' },
  look: { seconds: 20, ...onThisMachine, for: 'the version of a tool, the interfaces of this machine' },
  query: { seconds: 30, ...onThisMachine, for: 'a query to libvirt, a small change to this machine' },
  probe: { seconds: 40, ...onThisMachine, for: 'the test whether a hypervisor works' },
  command: { seconds: 60, ...onThisMachine, for: 'a command to libvirt, a cleanup, a mount' },
  inventory: { seconds: 90, ...onThisMachine, for: 'a list of everything that belongs to the lab' },
  stateLock: { seconds: 60, ...onThisMachine, for: "Terraform's lock on a state" },
  state: { seconds: 120, ...onThisMachine, for: "a change to Terraform's state" },
  speed: { seconds: 180, ...onThisMachine, for: "measuring this machine's speed" },
  containerRoot: { seconds: 300, ...onThisMachine, for: "the removal of a container's root file system" },
  layers: {
    seconds: 900,
    ...onThisMachine,
    for: "the nodes' disks to be kept by `./lab save`, or laid down by `./lab restore`",
  },
  carried: { seconds: 3600, ...onThisMachine, for: 'a save to be exported or imported' },
  image: { seconds: 900, ...onThisMachine, for: 'an image to be checked' },
  aptLock: { seconds: 300, ...onThisMachine, for: 'another apt on this machine to finish' },
  packages: { seconds: 1800, ...onThisMachine, for: 'package installation on this machine' },
  providers: { seconds: 600, ...onThisMachine, for: "the download of Terraform's providers" },
  buildProviders: { seconds: 1800, ...onThisMachine, for: 'building them' },
  buildOpenTofu: { seconds: 3600, ...onThisMachine, for: 'building OpenTofu' },
} satisfies Record<string, Timeout>

const outside = {
  registry: {
    seconds: 3,
    ...onThisMachine,
    for: 'the provider registry; without an answer the providers are built here',
  },
  source: { seconds: 15, ...onThisMachine, for: 'a package source to answer' },
  text: { seconds: 30, ...onThisMachine, for: 'a short text file' },
  stalled: { seconds: 60, ...onThisMachine, for: 'the next byte of a download' },
  release: { seconds: 120, ...onThisMachine, for: 'a release of OpenTofu' },
} satisfies Record<string, Timeout>

export const timeouts = { nodes, services, cloud, verify, openstack, machine, outside }
