/** The name of the provider network in Neutron's configuration, in the cloud and on every node. */

/** The one physical network, of which the flat network and the VLAN networks are segments. */
export const physicalNetwork = 'provider'

/** The interface that carries it on every node. */
export const providerInterface = 'eth1'

/** The flat network's own name in the cloud, by which commands and programs look for it. */
export const flatNetwork = 'provider'
