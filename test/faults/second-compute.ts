/** The declaration with a second compute node, and without it again. */

import type { Copy } from '../harness/copy.ts'
import { editDeclaration, readDeclaration } from '../harness/lab.ts'

const ip = '10.0.0.32'

/** Does nothing where there is one already: a lab that is used with --here. */
export async function withCompute2(copy: Copy, memoryMiB = 1536): Promise<void> {
  if ((await readDeclaration(copy, 'hosts.yml')).includes('compute2:')) return
  await editDeclaration(
    copy,
    'hosts.yml',
    /( {8}compute1:\n {10}ansible_host: 10\.0\.0\.31\n)/,
    `$1        compute2:\n          ansible_host: ${ip}\n          memory_mib: ${memoryMiB}\n`,
  )
}

export const withoutCompute2 = (copy: Copy) => editDeclaration(copy, 'hosts.yml', / {8}compute2:\n(?: {10}.*\n)+/, '')

/** The client's arguments for a server on one node: only the admin may choose, from this version on. */
export const onCompute = (node: string) => ['--os-compute-api-version', '2.74', '--host', node]
