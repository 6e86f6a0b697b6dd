/** Exercises on a real lab: broken, repaired wrongly, then repaired in another way than the exercise's own solution. */

import { expect, test } from 'vitest'
import { exercises } from '../../scripts/exercises/table/index.ts'
import { client } from './answers.ts'
import type { Copy } from './copy.ts'
import { readDocument } from './documents.ts'
import { expectRun, hypervisor } from './lab.ts'

interface Run {
  name: string
  /** Commands of `./lab`. */
  wrong: readonly string[][]
  right: readonly string[][]
  /** What the repair has added, which stop leaves alone: it is the user's. */
  after?: readonly string[][]
}

const words = (text: string) => text.split(' ')
const openstack = (text: string) => ['openstack', ...words(text)]
const accept = 'INPUT -p tcp --dport 9292 -j ACCEPT'

const runs: readonly Run[] = [
  {
    name: 'no-images-1',
    wrong: [['ssh', 'controller', 'systemctl restart glance-api']],
    right: [['ssh', 'controller', `iptables -w -I ${accept}`]],
    after: [['ssh', 'controller', `iptables -w -D ${accept}`]],
  },
  {
    name: 'no-images-2',
    wrong: [openstack('endpoint set --url http://10.0.0.11:9191 ID')],
    right: [
      openstack('endpoint delete ID'),
      openstack('endpoint create --region RegionOne image public http://10.0.0.11:9292'),
    ],
  },
  {
    name: 'no-more-servers',
    wrong: [openstack('quota set --cores 50 admin'), openstack('quota set --cores 20 admin')],
    right: [openstack('quota set --instances -1 admin')],
  },
  {
    name: 'large-packets',
    wrong: [['ssh', 'compute1', 'ip link set eth1 mtu 1450']],
    right: [['ssh', 'compute1', 'ip link set eth1 mtu 1600']],
  },
  {
    name: 'silent-server',
    wrong: [openstack('security group rule create --protocol tcp --dst-port 22 --description exercise GROUP')],
    right: [openstack('security group rule create --protocol icmp --description exercise GROUP')],
  },
]

interface Document {
  exercises?: { name: string; available: boolean }[]
  running: { name: string | null; failedChecks: number; solved: boolean; score: number; seconds: number } | null
  observations?: { ok: boolean; seen: string }[]
}

export const exercise = (copy: Copy, ...words: string[]) => readDocument<Document>(copy, 'exercise', ...words)

/** What has an id of its own in each lab: the public endpoint of Glance, and the admin's group, one `default` of several. */
const ids: Readonly<Record<string, (copy: Copy) => Promise<string>>> = {
  ID: (copy) => client(copy, ...words('endpoint list --service glance --interface public -f value -c ID')),
  GROUP: async (copy) => {
    const groups = await client(copy, ...words('security group list --project admin -f value -c ID -c Name'))
    return /^(\S+) default$/m.exec(groups)?.[1] ?? ''
  },
}

async function repair(copy: Copy, commands: readonly string[][]): Promise<void> {
  for (const command of commands) {
    const named = command.map(async (word) => (await ids[word]?.(copy))?.trim() ?? word)
    await expectRun(copy, ...(await Promise.all(named)))
  }
}

async function removeRules(copy: Copy): Promise<void> {
  const group = await ids['GROUP']!(copy)
  const rules = JSON.parse(await client(copy, ...words(`security group rule list ${group} --long -f json`))) as {
    ID: string
    'IP Protocol': string | null
    'Remote Security Group': string | null
  }[]
  const own = rules.filter((rule) => rule['IP Protocol'] !== null && rule['Remote Security Group'] === null)
  expect(own).toHaveLength(2)
  await expectRun(copy, 'openstack', 'security', 'group', 'rule', 'delete', ...own.map(({ ID }) => ID))
}

async function runExercise(copy: Copy, { name, wrong, right, after = [] }: Run): Promise<void> {
  const started = await exercise(copy, 'start', name)
  expect(started).toMatchObject({ exitCode: 0, document: { running: { name, solved: false, score: 100 } } })
  const broken = await exercise(copy, 'check')
  expect(broken).toMatchObject({ exitCode: 1, document: { running: { failedChecks: 1, solved: false } } })
  await repair(copy, wrong)
  expect(await exercise(copy, 'check')).toMatchObject({ exitCode: 1, document: { running: { failedChecks: 2 } } })
  await repair(copy, right)
  const good = await exercise(copy, 'check')
  expect(good, JSON.stringify(good.document.observations)).toMatchObject({ exitCode: 0 })
  expect(good.document.running).toMatchObject({ solved: true, score: 90 })
  const stopped = await exercise(copy, 'stop')
  expect(stopped).toMatchObject({ exitCode: 0, document: { running: { name, solved: true, score: 90 } } })
  await repair(copy, after)
  if (name === 'silent-server') await removeRules(copy)
}

/** Whether nodes of the kind under test have what it needs. */
export const isOffered = (name: string): boolean => hypervisor === 'lxc' || exercises[name]!.onlyOn !== 'containers'

/** `copyOf` returns the copy whose lab is running. The next `up` must find nothing to do. */
export function otherRepairTests(copyOf: () => Copy, names = runs.map(({ name }) => name)): void {
  const chosen = runs.filter(({ name }) => names.includes(name) && isOffered(name))
  test.each(chosen.map((run) => [run.name, run] as const))(
    '%s: a wrong repair is refused, another right one counts',
    (_, run) => runExercise(copyOf(), run),
  )
}
