/** What `up` prints at its end: the ways to use the lab. */

import type { Lab } from '../declaration/lab.ts'

export function howToGetIn(lab: Lab): string {
  const names = lab.nodes.map(({ name }) => name).join(', ')
  return [
    'Next:',
    `  ./lab openstack server list   the OpenStack client, as admin${lab.services.demo ? '; --os-cloud demo: as the demo user' : ''}`,
    `  ./lab open                    ${lab.services.horizon ? 'dashboard and consoles' : 'consoles'} on 127.0.0.1`,
    `  ./lab ssh ${(lab.nodes[0]?.name ?? 'NODE').padEnd(20)}a shell on a node (${names})`,
    '  ./lab status                  what runs where',
    '  ./lab exec -- COMMAND         any program, run where the lab can be reached',
    '  ./lab down                    removes the lab',
  ].join('\n')
}
