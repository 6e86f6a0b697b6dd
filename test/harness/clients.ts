/**
 * Programs on this machine that use the cloud through `./lab open --api`: gophercloud, openstacksdk and Terraform, each
 * from its registry, and requests that show what the proxy does.
 */

import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { runStep } from './action.ts'
import { passesLargeImage } from './clients/large-image.ts'
import { type LocalCloud, signIn } from './clients/local-cloud.ts'
import { type Copy, userSettings } from './copy.ts'
import { readDeclaration, runInside } from './lab.ts'
import { tail } from './output.ts'

const startOpen = (root: string) =>
  execa('./lab', ['open', '--api', '--no-browser'], { ...userSettings(root), stdin: 'ignore' })

/** What the first test makes and the last one removes. */
interface Session {
  root: string
  opened: ReturnType<typeof startOpen>
  cloud: LocalCloud
  /** What was in the cloud at first. */
  before: string[]
  /** A temporary folder. */
  work: string
  /** Of the programs. */
  env: Record<string, string>
}

const fileIn = (root: string) => join(root, '.lab/api-clouds.yaml')
const clients = 'test/harness/clients'

/** `whole`: also the programs that have to be fetched, and an image of 1 GiB; two minutes more. */
export function clientTests(copyOf: () => Copy, { whole }: { whole: boolean }): void {
  describe('clients on this machine', () => {
    const session = {} as Session

    test('the GitHub action runs commands that use the cloud, and collects what a failure needs', async () => {
      const temporary = await mkdtemp(join(tmpdir(), 'duostack-action-'))
      const step = (name: string, env: Record<string, string> = {}) =>
        runStep(name, copyOf().root, { temporary, ANSIBLE_VARS: '', NETWORKING: '', ...env })
      expectDone(await step('Configure the lab'))
      const RUN = 'openstack server list --all-projects -f value -c Name'
      expect(expectDone(await step('Run the commands', { RUN, OS_CLOUD: 'duostack' }))).toMatch(/^test$/m)
      expectDone(await step('Export the logs'))
      expect((await readdir(join(temporary, 'duostack'))).toSorted()).toEqual(['doctor.json', 'logs.tar.gz'])
      await rm(temporary, { recursive: true })
    })

    test('open --api offers the catalog on 127.0.0.1', async () => {
      const { root } = copyOf()
      const opened = startOpen(root)
      await expect.poll(() => existsSync(fileIn(root)), { timeout: 60_000 }).toBe(true)
      const cloud = await signIn(fileIn(root))
      expect(cloud.urls.length).toBeGreaterThan(12)
      expect(cloud.urls.filter((url) => !url.startsWith('http://127.0.0.1:'))).toEqual([])
      const work = await mkdtemp(join(tmpdir(), 'duostack-clients-'))
      const env = {
        OS_CLIENT_CONFIG_FILE: fileIn(root),
        OS_CLOUD: 'duostack',
        NETWORKS: await networksOf(copyOf(), cloud),
        no_proxy: `127.0.0.1,${process.env['no_proxy'] ?? ''}`,
      }
      Object.assign(session, { root, opened, cloud, before: await listAll(cloud), work, env })
    })

    requestTests(session)
    if (whole) {
      largeImageTest(session)
      fetchedProgramTests(session)
    }
    terraformTest(session, copyOf)

    test('nothing of it is left: not in the cloud, and not on this machine', async () => {
      const { root, opened, cloud, before, work } = session
      expect(await listAll(cloud)).toEqual(before)
      opened.kill('SIGINT')
      expect((await opened).exitCode).toBe(0)
      expect(existsSync(fileIn(root))).toBe(false)
      await expect(cloud.ask(cloud.urlOf('compute'))).rejects.toThrow()
      await rm(work, { recursive: true })
    })
  })
}

/** `routed`: with routers and floating IPs. `own`: networks of a project without them. `shared`: neither. */
async function networksOf(copy: Copy, cloud: LocalCloud): Promise<'routed' | 'own' | 'shared'> {
  const declared = await readDeclaration(copy, 'group_vars/all.yml')
  if (/^lab_networking: *self-service/m.test(declared)) return 'routed'
  const { networks } = await cloud.get<{ networks: unknown[] }>('network', '/v2.0/networks?provider:network_type=vlan')
  return networks.length > 0 ? 'own' : 'shared'
}

/** Every list in which an object of a client would be left. */
const lists = [
  ['identity', '/projects'],
  ['compute', '/servers?all_tenants=1'],
  ['volumev3', '/volumes?all_tenants=1'],
  ['image', '/v2/images'],
  ['network', '/v2.0/networks'],
  ['network', '/v2.0/subnets'],
  ['network', '/v2.0/ports'],
  ['network', '/v2.0/security-groups'],
  ['network', '/v2.0/routers'],
  ['network', '/v2.0/floatingips'],
] as const

async function listAll(cloud: LocalCloud): Promise<string[]> {
  const found = lists.map(async ([type, path]) => {
    // A lab without routers has no list of them.
    const answer = await cloud.get<Record<string, { id: string }[]>>(type, path, [404])
    const objects = Object.values(answer).find((value) => Array.isArray(value) && value[0]?.id) ?? []
    return objects.map(({ id }) => `${path} ${id}`)
  })
  return (await Promise.all(found)).flat().toSorted()
}

function requestTests(session: Session): void {
  test.each([
    ['network', '/v2.0/networks?limit=1', 'networks'],
    ['compute', '/flavors?limit=1', 'flavors'],
    ['image', '/v2/images?limit=1', 'images'],
    ['volumev3', '/volumes?limit=1&all_tenants=1', 'volumes'],
  ])('the pages of a list of the %s API lead to each other', async (type, path, key) => {
    const pages = await session.cloud.pages(type, path, key)
    expect(pages.filter((page) => page.length > 1)).toEqual([])
    const all = await session.cloud.get<Record<string, { id: string }[]>>(type, path.replace('limit=1', 'limit=100'))
    expect(all[key]!.length).toBeGreaterThan(0)
    expect(pages.flat().toSorted()).toEqual(all[key]!.map(({ id }) => id).toSorted())
  })

  test('a request from a web page, or under another name, is refused', async () => {
    const url = session.cloud.urlOf('compute')
    for (const headers of [{ origin: 'http://example.org' }, { host: 'example.org' }]) {
      expect((await session.cloud.ask(url, { headers })).status).toBe(403)
    }
  })
}

function largeImageTest(session: Session): void {
  test('an image of 1 GiB goes up and down unchanged, and the proxy needs little memory for it', async () => {
    const { pid } = JSON.parse(readFileSync(join(session.root, '.lab/forward.json'), 'utf8'))
    await passesLargeImage(session.cloud, pid)
  })
}

/** Returns what it printed; its exit code must be 0. */
function expectDone({ exitCode, all }: { exitCode?: number | undefined; all?: string }): string {
  expect(exitCode, tail(all)).toBe(0)
  return String(all)
}

const run = ({ root, env }: Session, command: string, args: string[], folder = '.') =>
  execa(command, args, { ...userSettings(root, env), cwd: join(root, folder), stdin: 'ignore' })

function fetchedProgramTests(session: Session): void {
  test('gophercloud makes and removes everything', async (context) => {
    const folder = `${clients}/gophercloud`
    const modules = await run(session, 'go', ['mod', 'download'], folder)
    context.skip(modules.exitCode !== 0, `no Go, or no Go modules: ${tail(modules.all)}`)
    const program = join(session.work, 'gophercloud')
    expectDone(await run(session, 'go', ['build', '-mod=readonly', '-o', program, '.'], folder))
    expect(expectDone(await run(session, program, []))).toMatch(/^done$/m)
  })

  test('openstacksdk makes and removes everything', async (context) => {
    const python = join(session.work, 'venv/bin/python')
    expectDone(await run(session, 'python3', ['-m', 'venv', join(session.work, 'venv')]))
    const packages = await run(session, python, ['-m', 'pip', 'install', '-q', '-r', `${clients}/requirements.txt`])
    context.skip(packages.exitCode !== 0, `no Python packages: ${tail(packages.all)}`)
    expect(expectDone(await run(session, python, [`${clients}/sdk.py`]))).toMatch(/^done$/m)
  })
}

function terraformTest(session: Session, copyOf: () => Copy): void {
  test('Terraform makes everything, has nothing more to do, and removes it', async () => {
    const variables = ['TERRAFORM_BINARY_NAME', 'TF_CLI_CONFIG_FILE']
    const [program, settings] = (await runInside(copyOf(), 'printenv', ...variables)).split('\n')
    Object.assign(session.env, { TF_CLI_CONFIG_FILE: settings, TF_DATA_DIR: join(session.work, 'terraform') })
    const terraform = async (verb: string, ...options: string[]) =>
      expectDone(await run(session, program!, [verb, '-input=false', '-no-color', ...options], `${clients}/terraform`))
    const options = [`-state=${join(session.work, 'terraform.tfstate')}`, `-var=networks=${session.env['NETWORKS']}`]
    await terraform('init')
    await terraform('apply', '-auto-approve', ...options)
    expect(await terraform('plan', '-detailed-exitcode', ...options)).toContain('No changes')
    expect(await terraform('destroy', '-auto-approve', ...options)).toContain('Destroy complete')
  })
}
