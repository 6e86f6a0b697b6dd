/** The name of the provider network in Neutron's configuration, in the cloud and on every node. */

/** The one physical network, of which the flat network and the VLAN networks are segments. */
export const physicalNetwork = 'provider'

/** The interface that carries it on every node. */
export const providerInterface = 'eth1'

/** The network of a project's own that a self-service lab begins with, as in the install guide. */
export const selfServiceNetwork = { name: 'selfservice', cidr: '172.16.1.0/24', gateway: '172.16.1.1' }

/** The admin's, with the same addresses: two projects' networks do not see each other. */
export const otherNetwork = 'selfservice-other'

/** The flat network's own name in the cloud, by which commands and programs look for it. */
export const flatNetwork = 'provider'
