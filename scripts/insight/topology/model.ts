/**
 * What is connected to what in a running lab: this host, the nodes, their interfaces, bridges, namespaces and
 * instances.
 */

export interface Interface {
  name: string
  /** `bridge`, `veth`, `tun` (a tap), `vlan`, `vxlan`, or `physical`. */
  kind: string
  up: boolean
  mtu: number
  mac: string
  /** `10.0.0.11/24`, IPv4 only. */
  addresses: string[]
  /** The bridge that it is a port of. */
  master?: string
  /** Its network namespace; absent for the node's own. */
  namespace?: string
  /** 802.1Q: the interface below, and the tag. */
  vlan?: { below: string; id: number }
  /** VXLAN: the interface that carries it, its VNI, and the nodes to which it floods. */
  vxlan?: { below: string; id: number; peers: string[] }
  index: number
  /** Index of the other end of a veth, in that end's namespace. */
  peerIndex?: number
}

export interface Dnsmasq {
  pid: number
  /** Id of its Neutron network. */
  network: string
}

export interface Instance {
  /** libvirt's name: `instance-00000001`. */
  domain: string
  /** Nova's id and name. */
  id: string
  name: string
  state: string
  interfaces: { tap: string; bridge: string; mac: string }[]
}

/** iptables for one port: the chains that Neutron named after it. */
export interface PortChain {
  chain: string
  /** First ten characters of the port's id. */
  port: string
  /** What it filters. */
  what: 'to the instance' | 'from the instance' | 'who may send'
  rules: string[]
}

export interface Machine {
  name: string
  /** The host, or a node by its roles. */
  roles: readonly string[]
  interfaces: Interface[]
  namespaces: string[]
  dnsmasq: Dnsmasq[]
  instances: Instance[]
  chains: PortChain[]
  /** Absent on a node without routers. */
  nat?: AddressTranslation[]
}

/** The iptables of a router's namespace: how it translates addresses. */
export interface AddressTranslation {
  namespace: string
  rules: string[]
}

/** A cable: two interfaces that are connected to each other. */
export interface Cable {
  from: { machine: string; interface: string; namespace?: string }
  to: { machine: string; interface: string; namespace?: string }
  kind: 'veth' | 'tap'
}

/** A port in Neutron. */
export interface Port {
  id: string
  network: string
  device: string
  owner: string
  mac: string
  addresses: string[]
  status: string
  host: string
}

/** What Neutron calls things. */
export interface Names {
  /** `mtu`: what instances are told; only in a self-service lab, where it differs from network to network. */
  networks: { id: string; name: string; type: string; segment?: number; bridge: string; mtu?: number }[]
  ports: Port[]
  /** Only in a self-service lab. */
  routers?: { id: string; name: string }[]
  floatingIps?: FloatingIp[]
}

export interface Topology extends Names {
  lab: { id: string; name: string; hypervisor: string }
  /** The host is first. */
  machines: Machine[]
  cables: Cable[]
}

export interface FloatingIp {
  address: string
  /** Of the port that it belongs to; empty if it belongs to none. */
  fixedAddress: string
  port: string
  router: string
  status: string
}
