/** What Neutron's agents call things on a node. */

/** The Linuxbridge agent's bridge of a network. */
export const bridgeName = (network: string) => `brq${network.slice(0, 11)}`

/** A port's interface in that bridge. */
export const tapName = (port: string) => `tap${port.slice(0, 11)}`

/** Of DHCP for a network. */
export const dhcpNamespace = (network: string) => `qdhcp-${network}`

export const routerNamespace = (router: string) => `qrouter-${router}`
