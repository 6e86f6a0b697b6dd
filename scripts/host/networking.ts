/** Checks that a running lab with routers keeps them: without the plug-in nobody could remove them any more. */

import type { Finding } from '../declaration/errors.ts'
import type { Lab } from '../declaration/lab.ts'
import { readState } from '../terraform/state.ts'

/** `living`: the lab as it is declared now. */
export function checkNetworking(living: Lab, where: string): Finding[] {
  if (living.networking === 'self-service') return []
  const hasRouter = readState(living, 'cloud').some(({ type }) => type === 'openstack_networking_router_v2')
  if (!hasRouter) return []
  return [
    {
      where,
      given: 'lab_networking: provider, and the lab was built with self-service',
      allowed: 'self-service: the lab has routers, which need it',
      remedy: './lab up --rebuild (a new lab in its place)',
    },
  ]
}
