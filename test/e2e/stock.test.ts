/** A lab whose nodes use a stock image, with the packages installed during the deploy: built, checked, removed. */

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectVerified } from '../harness/answers.ts'
import { type Copy, copyCheckout } from '../harness/copy.ts'
import { bringUp, editDeclaration, expectRun, hypervisor, takeDown } from '../harness/lab.ts'
import { readMachine } from '../harness/machine.ts'
import { noChange } from '../harness/output.ts'
import { reboot } from './own-kernel.ts'
import { makeRepository } from './package-repository.ts'
import { makeStockImage } from './stock-image.ts'

const port = 8000
let copy: Copy
let work: string
let image: string
let digest: string
let before: string[]
let ended = false
let stopServer = () => {}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk)
  return hash.digest('hex')
}

/** As a user would: the image by its path, and only what an emulated lab can do in an hour. */
async function declare(): Promise<void> {
  const edit = (group: string, from: RegExp, to: string) => editDeclaration(copy, `group_vars/${group}.yml`, from, to)
  const section = `lab_node_image:
  source: ${image}
  checksum: sha256:${digest}
  package_sources:
    - deb [trusted=yes] http://10.0.0.1:${port} ./
`
  // It takes an hour: another lab may be running at the same time.
  await edit('all', /^lab_name: .*/m, 'lab_name: stock')
  await edit('all', /^lab_region:/m, `${section}\nlab_region:`)
  await edit('all', /^( {2}(?:cinder|horizon|demo)): true/gm, '$1: false')
  await edit('controller', /^memory_mib: .*/m, 'memory_mib: 4608')
  await edit('compute', /^memory_mib: .*/m, 'memory_mib: 2048')
}

/** On the management bridge, inside the lab's own network: from its creation until the end. */
async function servePackages(): Promise<void> {
  const script = join(import.meta.dirname, 'serve-folder.mjs')
  while (!ended) {
    const words = ['exec', '--', process.execPath, script, '10.0.0.1', String(port), join(work, 'repository')]
    const server = execa('./lab', words, { cwd: copy.root, reject: false, stdio: 'ignore' })
    stopServer = () => {
      ended = true
      server.kill()
    }
    await server
    await sleep(2000)
  }
}

/** Whatever its exit code. */
const seenOn = async (node: string, command: string) =>
  String((await copy.run('./lab', 'ssh', node, command)).stdout).trim()

describe.runIf(hypervisor === 'qemu')('a lab of a stock image', () => {
  beforeAll(async () => {
    before = await readMachine()
    copy = await copyCheckout()
    work = await mkdtemp(join(tmpdir(), 'duostack-stock-'))
    image = await makeStockImage(work)
    digest = await sha256(image)
    await makeRepository(join(work, 'repository'))
    await declare()
  })

  afterAll(async () => {
    stopServer()
    await copy.run('./lab', 'down', '--yes')
    await rm(`/var/cache/duostack/stock/${digest}.qcow2`, { force: true })
    await rm(work, { recursive: true, force: true })
    await copy.remove()
  })

  test('is built by an up, with packages from a repository on its management bridge', async () => {
    void servePackages()
    const up = await bringUp(copy, '--hypervisor', hypervisor)
    expect(up).toMatch(/services: base created/)
  })

  test('every check of verify passes', async () => {
    await expectVerified(copy)
  })

  test('has nodes of that image, configured by cloud-init', async () => {
    for (const [node, address] of [
      ['controller', '10.0.0.11'],
      ['compute1', '10.0.0.31'],
    ] as const) {
      expect(await seenOn(node, 'cat /run/cloud-init/cloud-id')).toBe('nocloud')
      expect(await seenOn(node, 'cat /var/lib/cloud/data/instance-id')).toMatch(
        new RegExp(`^duostack-[0-9a-f]{8}-${node}$`),
      )
      expect(await seenOn(node, 'hostname')).toBe(node)
      expect(await seenOn(node, 'ip -4 -br address show eth0')).toContain(`${address}/24`)
      // The mechanism with which a node of our own image configures itself is absent.
      expect(await seenOn(node, 'ls /usr/local/sbin/duostack-identity 2>&1')).toMatch(/No such file/)
      expect(await seenOn(node, 'apt-cache policy nova-common | grep -c "http://10.0.0.1:8000"')).not.toBe('0')
    }
  })

  test('gave each node the packages of its roles and no others', async () => {
    const installed = (node: string, name: string) =>
      seenOn(node, `dpkg-query -W -f '\${db:Status-Status}' ${name} 2>/dev/null || echo none`)
    expect(await installed('controller', 'keystone')).toBe('installed')
    expect(await installed('compute1', 'nova-compute')).toBe('installed')
    expect(await installed('controller', 'nova-compute')).toMatch(/none|not-installed/)
    expect(await installed('compute1', 'mariadb-server')).toMatch(/none|not-installed/)
    expect(await installed('controller', 'openstack-dashboard')).toMatch(/none|not-installed/)
  })

  test('keeps host keys on the nodes: the state has only public cloud-init data', async () => {
    const state = await readFile(join(copy.root, '.lab/terraform/nodes.tfstate'), 'utf8')
    expect(state).toContain('libvirt_cloudinit_disk')
    expect(state).not.toMatch(/PRIVATE KEY|ssh_keys|password: /)
  })

  test('a second up changes nothing', async () => {
    expect(await bringUp(copy)).toMatch(noChange)
  })

  test('a node that boots again is the same node, with its services', async () => {
    await reboot(copy, ['compute1'])
    await expectRun(copy, 'verify', '--booting')
  })

  test('down leaves nothing on the machine', async () => {
    stopServer()
    await takeDown(copy)
    expect(await readMachine()).toEqual(before)
  })
})
