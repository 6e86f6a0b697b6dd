/** Which page of docs/ explains an error: one table, by what the error is about. */

import {
  CommandError,
  ConnectError,
  expectedError,
  type Finding,
  LabError,
  NoLabError,
  NotReadyError,
  UsageError,
} from '../declaration/errors.ts'

/** By the place of a finding; the first that fits. */
export const pagesOfPlaces: readonly (readonly [place: RegExp, page: string])[] = [
  [/^ansible-vars\/secrets\.yml/, 'docs/reference/security.md#secrets'],
  [/^ansible-vars\/hosts\.yml/, 'docs/reference/declaration.md#hostsyml-the-nodes'],
  [
    /^ansible-vars\/group_vars\/controller\.yml/,
    'docs/reference/declaration.md#group_varscontrolleryml-the-size-of-the-controller',
  ],
  [
    /^ansible-vars\/group_vars\/compute\.yml/,
    'docs/reference/declaration.md#group_varscomputeyml-the-size-of-a-compute-node',
  ],
  [
    /^ansible-vars\/group_vars\/storage\.yml/,
    'docs/reference/declaration.md#group_varsstorageyml-the-disk-of-a-storage-node',
  ],
  [/^ansible-vars\//, 'docs/reference/declaration.md#group_varsallyml-the-whole-lab'],
  [/^lab_|^packages of /, 'docs/guide/change.md'],
  [/^\.\/lab down --id/, 'docs/guide/command-line.md#remains-of-deleted-checkouts'],
  [/^\.lab\/exercise\.json|^\.\/lab exercise/, 'docs/learn/exercises.md'],
  [/^\.lab\//, 'docs/guide/command-line.md'],
  [/^port \d+ on 127\.0\.0\.1/, 'docs/guide/dashboard.md#how-it-reaches-the-lab'],
  [
    /^(?:processor|memory|sudo|clock|AppArmor|Node\.js|kernel |Terraform|package sources|\/(?:dev|etc|proc)\/)/,
    'docs/guide/command-line.md#before-the-first-up',
  ],
]

export const pagesOfKinds = {
  noLab: 'README.md#quick-start',
  connect: 'docs/reference/troubleshooting.md#node-silent',
  other: 'docs/reference/troubleshooting.md',
}

const pageOf = ({ where }: Finding) => pagesOfPlaces.find(([place]) => place.test(where))?.[1]

/** Each page once. A wrong command line has its own help, which the error names. */
export function pagesOf(error: unknown): string[] {
  const shown = expectedError(error)
  if (shown instanceof NoLabError) return [pagesOfKinds.noLab]
  if (shown instanceof UsageError) return []
  if (shown instanceof LabError) return [...new Set(shown.findings.flatMap((finding) => pageOf(finding) ?? []))]
  if (shown instanceof ConnectError) return [pagesOfKinds.connect]
  return shown instanceof CommandError || shown instanceof NotReadyError ? [pagesOfKinds.other] : []
}

/** The message with the pages below it. */
export const withPages = (message: string, error: unknown): string =>
  [message, ...pagesOf(error).map((page) => `    docs: ${page}`)].join('\n')
