/** Reads `terraform show -json PLAN`: which resources change, and by which attributes. Pure. */

import { shortName } from './events.ts'
import type { StackName } from './state.ts'

/** What Terraform would do with one resource; values that it calls sensitive are left out. */
export interface ResourceChange {
  stack: StackName
  name: string
  action: 'create' | 'update' | 'delete' | 'replace'
  /** The attributes that differ, of an update or a replacement. */
  attributes: { name: string; now: unknown; wanted: unknown; replaces: boolean }[]
}

export interface StackPlan {
  stack: StackName
  changes: ResourceChange[]
  /** Why there is no plan. */
  failure?: string
}

interface PlanFile {
  resource_changes?: {
    address: string
    mode: string
    change: {
      actions: string[]
      before: Record<string, unknown> | null
      after: Record<string, unknown> | null
      before_sensitive?: unknown
      after_sensitive?: unknown
      replace_paths?: (string | number)[][]
    }
  }[]
}

const actions: Record<string, ResourceChange['action'] | undefined> = {
  create: 'create',
  update: 'update',
  delete: 'delete',
  'delete,create': 'replace',
  'create,delete': 'replace',
}

export function parsePlan(stack: StackName, plan: PlanFile): ResourceChange[] {
  return (plan.resource_changes ?? []).flatMap(({ address, mode, change }) => {
    const action = actions[change.actions.join(',')]
    if (mode !== 'managed' || action === undefined) return []
    return [{ stack, name: shortName(address), action, attributes: differing(change) }]
  })
}

type Change = NonNullable<PlanFile['resource_changes']>[number]['change']

function differing({ before, after, before_sensitive, after_sensitive, replace_paths = [] }: Change) {
  if (before === null || after === null) return []
  const isSensitive = (name: string) =>
    [before_sensitive, after_sensitive].some((one) => holdsTrue((one as Record<string, unknown> | undefined)?.[name]))
  const isReason = (name: string) => replace_paths.some(([first]) => first === name)
  // Null is what nobody declares, or what is known only afterwards: no reason by itself.
  return Object.keys(after)
    .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
    .filter((name) => after[name] !== null || isReason(name))
    .map((name) => ({
      name,
      now: hide(isSensitive(name), before[name]),
      wanted: hide(isSensitive(name), after[name]),
      replaces: isReason(name),
    }))
}

/** Terraform marks what is sensitive by `true`, wherever in an attribute it lies. */
const holdsTrue = (mark: unknown): boolean =>
  mark === true || (typeof mark === 'object' && mark !== null && Object.values(mark).some(holdsTrue))

const hide = (sensitive: boolean, value: unknown): unknown => (sensitive ? '***' : value)
