/** Heat on a running lab: switched on, a stack as in docs/guide/stacks.md, drift, new secrets, switched off and on again. */

import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { dataKeys } from '../../scripts/declaration/secret-names.ts'
import { client, expectVerified, openstack } from '../harness/answers.ts'
import type { Copy } from '../harness/copy.ts'
import { bringUp, editDeclaration, expectRun, nodes, onNode, runInside } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'
import { readInvocations, readRestarted } from '../harness/nodes.ts'
import { onNodeUnseen, readSecrets } from './search.ts'

const part = 'heat'
const units = ['heat-api', 'heat-api-cfn', 'heat-engine']
const page = readFileSync(join(import.meta.dirname, '../../docs/guide/stacks.md'), 'utf8')
const template = /^```yaml\n(.*?)^```/ms.exec(page)![1]!

/** The same signal, signed: whoever has the URL may send it. */
const signed = `heat_template_version: 2018-08-31
resources:
  handle: { type: AWS::CloudFormation::WaitConditionHandle }
  ready:
    type: AWS::CloudFormation::WaitCondition
    properties: { Handle: { get_resource: handle }, Count: 1, Timeout: 600 }
outputs:
  signal: { value: { get_resource: handle } }
`

const asDemo = (...command: string[]) => ['--os-cloud', 'demo', 'stack', ...command]

async function createStack(copy: Copy, name: string, text: string): Promise<void> {
  await writeFile(join(copy.root, '.lab', `${name}.yaml`), text)
  await client(copy, ...asDemo('create', '-t', `.lab/${name}.yaml`, name))
}

/** Polled by the client, as a user would. */
async function waitForStack(copy: Copy, name: string, status: string): Promise<void> {
  const read = async () => (await openstack<{ stack_status: string }>(copy, ...asDemo('show', name))).stack_status
  await expect.poll(read, { timeout: 180_000, interval: 2000 }).toBe(status)
}

/** An output that may exist while the stack is still being created. */
async function readOutput(copy: Copy, stack: string, name: string): Promise<string> {
  const show = asDemo('output', 'show', stack, name, '-f', 'value', '-c', 'output_value')
  const read = async () => String((await copy.run('./lab', 'openstack', ...show)).stdout).trim()
  await expect.poll(read, { timeout: 120_000, interval: 2000 }).toMatch(/http/)
  return read()
}

const nothingToDo = async (copy: Copy) => expect(await bringUp(copy)).not.toMatch(/✓ services: \w+ (created|applied)/)

const setHeat = (copy: Copy, on: boolean) =>
  editDeclaration(copy, 'group_vars/all.yml', /^ {2}heat: (true|false)/m, `  heat: ${on}`)

export function heatTests(copy: () => Copy): void {
  test('Heat is switched on: both APIs, the engine and the domain, and a second up has nothing to do', () =>
    recorded(part, 'on', async () => {
      await setHeat(copy(), true)
      await bringUp(copy())
      await expectVerified(copy())
      const domain = await openstack<{ name: string }>(copy(), 'domain', 'show', 'heat')
      expect(domain.name).toBe('heat')
      const catalog = await openstack<{ Type: string }[]>(copy(), 'catalog', 'list')
      expect(catalog.map(({ Type }) => Type)).toEqual(expect.arrayContaining(['orchestration', 'cloudformation']))
      await nothingToDo(copy())
      return 'verified; then nothing to do'
    }))

  test('demo creates a stack with a port and a wait condition, a client on the host signals, and it is deleted', () =>
    recorded(part, 'a stack', async () => {
      await createStack(copy(), 'first', template)
      const signal = await readOutput(copy(), 'first', 'signal')
      await runInside(copy(), 'sh', '-c', `${signal} --fail --data-binary '{"status": "SUCCESS"}'`)
      await waitForStack(copy(), 'first', 'CREATE_COMPLETE')
      await client(copy(), ...asDemo('delete', '--yes', '--wait', 'first'))
      const ports = await openstack<unknown[]>(copy(), '--os-cloud', 'demo', 'port', 'list')
      expect(ports).toEqual([])
      return 'CREATE_COMPLETE after the signal; deleted with its port'
    }))

  test('a signed signal reaches it too', () =>
    recorded(part, 'a signed signal', async () => {
      await createStack(copy(), 'signed', signed)
      const url = await readOutput(copy(), 'signed', 'signal')
      const body = JSON.stringify({ Status: 'SUCCESS', Reason: 'done', UniqueId: '1', Data: '' })
      const put = ['-sS', '--fail', '-X', 'PUT', '-H', 'Content-Type:', '--data-binary', body]
      await runInside(copy(), 'curl', ...put, url)
      await waitForStack(copy(), 'signed', 'CREATE_COMPLETE')
      await client(copy(), ...asDemo('delete', '--yes', '--wait', 'signed'))
      return 'CREATE_COMPLETE'
    }))

  test.each([
    ['heat-engine stopped', 'systemctl stop heat-engine'],
    ['heat.conf edited', "sed -i 's/^num_engine_workers.*/num_engine_workers = 7/' /etc/heat/heat.conf"],
  ])('%s: up repairs Heat alone, and then has nothing to do', (what, harm) =>
    recorded(part, what, async () => {
      const before = await readInvocations(copy(), nodes)
      await onNode(copy(), 'controller', harm)
      const said = await bringUp(copy())
      expect([...said.matchAll(/✓ services: (\w+) (?:created|applied again)/g)].map(([, name]) => name)).toEqual([
        'heat',
      ])
      const restarted = await readRestarted(copy(), nodes, before)
      expect(restarted.filter((unit) => !unit.startsWith('controller heat-'))).toEqual([])
      await nothingToDo(copy())
      return `restarted: ${restarted.map((unit) => unit.split(' ')[1]).join(', ')}`
    }),
  )

  test('every secret but the data key is rotated, and a stack from before can be read, updated and deleted', () =>
    recorded(part, 'secrets rotate', async () => {
      const plain = template.replace(/ {2}handle:\n[\s\S]*?(?=outputs:)/, '').replace(/ {2}signal:\n.*\n/, '')
      await createStack(copy(), 'before', plain)
      await waitForStack(copy(), 'before', 'CREATE_COMPLETE')
      const old = await readSecrets(copy())
      const said = await expectRun(copy(), 'secrets', 'rotate')
      expect(said).toMatch(/kept, because .*heat_auth_encryption_key/)
      const now = await readSecrets(copy())
      expect(Object.keys(old).filter((name) => now[name] === old[name])).toEqual(dataKeys)
      const refused = await copy().run('./lab', 'secrets', 'rotate', 'heat_auth_encryption_key')
      expect(refused.exitCode).toBe(2)
      const key = "sed -n 's/^auth_encryption_key = //p' /etc/heat/heat.conf"
      expect((await onNodeUnseen(copy(), 'controller', key)).trim()).toBe(old['heat_auth_encryption_key'])
      await writeFile(join(copy().root, '.lab/before.yaml'), plain.replace('A port', 'The same port'))
      await client(copy(), ...asDemo('update', '-t', '.lab/before.yaml', '--wait', 'before'))
      await client(copy(), ...asDemo('delete', '--yes', '--wait', 'before'))
      await expectVerified(copy())
      return 'the key stayed, all others are new; updated and deleted'
    }))

  test('Heat is switched off and on again, and still knows its stacks', () =>
    recorded(part, 'off and on', async () => {
      await createStack(copy(), 'kept', 'heat_template_version: 2018-08-31\nresources: {}\n')
      await waitForStack(copy(), 'kept', 'CREATE_COMPLETE')
      await setHeat(copy(), false)
      await bringUp(copy())
      await expectVerified(copy())
      const state = `systemctl is-active ${units.join(' ')} || :; systemctl is-enabled ${units.join(' ')} 2>/dev/null || :`
      expect(await onNode(copy(), 'controller', state)).toBe(
        [...Array(3).fill('inactive'), ...Array(3).fill('disabled')].join('\n'),
      )
      const catalog = await openstack<{ Type: string }[]>(copy(), 'catalog', 'list')
      expect(catalog.filter(({ Type }) => /orchestration|cloudformation/.test(Type))).toEqual([])
      await nothingToDo(copy())
      await setHeat(copy(), true)
      await bringUp(copy())
      await expectVerified(copy())
      await client(copy(), ...asDemo('delete', '--yes', '--wait', 'kept'))
      return 'stopped, disabled and out of the catalog; on again with its stacks'
    }))
}
