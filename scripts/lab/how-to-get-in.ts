/** What the first `up` of a lab prints at its end: what to try first, and the ways to use the lab. */

import type { Lab } from '../declaration/lab.ts'
import { table } from '../terminal/table.ts'

/** The name of the instance in what is proposed; the guides use it too. */
const own = 'first'

export function howToGetIn({ nodes, cloud, services }: Lab): string {
  const as = services.demo ? ' --os-cloud demo' : ''
  const names = nodes.map(({ name }) => name).join(', ')
  return [
    `Next: an instance of your own${services.demo ? ', as the user demo' : ''}`,
    `  ./lab openstack${as} keypair create --private-key .lab/mine.pem mine`,
    `  ./lab openstack${as} server create ${own} --key-name mine \\`,
    `    --image duostack-test --flavor ${cloud.flavor.name} --network provider`,
    '  Its security group admits no ping and no ssh yet. The rules to add:',
    '  docs/guide/everyday.md#the-demo-user',
    ...table([
      [`./lab console ${own}`, 'its screen and keyboard in a browser'],
      [`./lab trace ${own}`, 'its launch, step by step'],
      ['./lab open', `${services.horizon ? 'dashboard and consoles' : 'consoles'} on 127.0.0.1`],
      [`./lab ssh ${nodes[0]?.name ?? 'NODE'}`, `a shell on a node (${names})`],
      ['./lab', 'where you stand; ./lab --help: all commands'],
      ['./lab down', 'removes the lab'],
    ]),
  ].join('\n')
}
