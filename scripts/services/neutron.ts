/** Neutron on the controller. */

import type { ServiceDefinition } from '../engine/service.ts'

export const neutron: ServiceDefinition = () => ({ name: 'neutron', needs: ['keystone'], parts: [], ready: [] })
