/** Formats what the next `up` would change. */

import { showCount } from '../../terminal/amounts.ts'
import { cut } from '../../terminal/cut.ts'
import { visibleIn } from '../../terminal/visible.ts'
import type { ResourceChange } from '../../terraform/plan.ts'
import type { Changes, ServiceChange } from './changes.ts'

const marks = { create: '+', update: '~', delete: '-', replace: '±' }
const words = {
  declaration: 'its configuration has changed',
  nodes: 'the nodes no longer match the configuration',
}

/** Terraform's state has only a digest of a service, so its earlier value is not known. */
const withoutDifference =
  'the nodes already match it; it only runs again, because its order, its checks or packages that the nodes already have were changed, or because its last run failed'

const absent = '(absent)'
const shownKeys = 12

function showService({ name, because, details }: ServiceChange): string[] {
  const lines = details.flatMap(({ node, title, reason, keys }) => {
    const shown = keys.slice(0, shownKeys).map(({ key, now, wanted }) => {
      return `        ${key}: ${now ?? absent} → ${wanted ?? absent}`
    })
    const rest = keys.length > shownKeys ? [`        and ${keys.length - shownKeys} more`] : []
    return [`      ${node}: ${title}: ${reason}`, ...shown, ...rest]
  })
  if (lines.length === 0) lines.push(`      ${withoutDifference}`)
  return [`  ~ ${name}: ${because.map((one) => words[one]).join(', ')}`, ...lines]
}

function showResource({ stack, name, action, attributes }: ResourceChange): string[] {
  const text = (value: unknown) => {
    const json = value === null || value === undefined ? absent : JSON.stringify(value)
    return cut(json, 60)
  }
  return [
    `  ${marks[action]} ${stack}: ${name}: ${action}`,
    ...attributes.map(
      ({ name: attribute, now, wanted, replaces }) =>
        `      ${attribute}: ${text(now)} → ${text(wanted)}${replaces ? '  (forces replacement)' : ''}`,
    ),
  ]
}

export function showChanges(changes: Changes): string {
  const { nodes, services, resources, unread, onPurpose = [] } = visibleIn(changes)
  const lines = [
    ...(nodes.length ? ['nodes', ...nodes.map((line) => `  ~ ${line}`)] : []),
    ...(services.length ? ['services', ...services.flatMap(showService)] : []),
    ...(resources.length ? ['nodes and cloud', ...resources.flatMap(showResource)] : []),
    ...unread.map(({ stack, reason }) => `  ? ${stack}: could not be planned: ${reason}`),
    ...(onPurpose.length ? ['changed on purpose, and kept', ...onPurpose.map((line) => `  ${line}`)] : []),
  ]
  const total = nodes.length + services.length + resources.length
  const end = total
    ? `./lab up would change ${nodes.length ? `${showCount(nodes.length, 'node')}, ` : ''}${showCount(services.length, 'service')} and ${showCount(resources.length, 'other resource')}`
    : './lab up would change nothing'
  return [...lines, unread.length ? `${end}, as far as could be read` : end].join('\n')
}
