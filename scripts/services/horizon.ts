/** Horizon on the controller. */

import type { ServiceDefinition } from '../engine/service.ts'

export const horizon: ServiceDefinition = () => ({ name: 'horizon', needs: ['keystone'], parts: [], ready: [] })
