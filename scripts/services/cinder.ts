/** Cinder on the controller. */

import type { ServiceDefinition } from '../engine/service.ts'

export const cinder: ServiceDefinition = () => ({ name: 'cinder', needs: ['keystone'], parts: [], ready: [] })
