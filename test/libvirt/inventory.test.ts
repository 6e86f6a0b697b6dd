import { expect, test } from 'vitest'
import { describeInventory, describeLeft, parseInventory } from '../../scripts/libvirt/inventory.ts'
import { inventoryScript } from '../../scripts/libvirt/inventory-script.ts'
import { runOnHost } from '../../scripts/run/process.ts'
import { fixtureLab } from '../fixtures/lab.ts'

const lab = fixtureLab('lxc')
const { id } = lab
const [host, inner, node] = ['net:[1]', 'net:[2]', 'net:[3]']

/** pid, parent, network namespace, whether the command line names the lab, whether the cgroup does, program. */
const processes = [
  [1, 0, host, 0, 0, 'init'],
  [100, 1, host, 0, 0, 'bash'],
  [200, 1, inner, 1, 0, 'libvirtd'],
  [300, 1, inner, 0, 0, 'libvirt_lxc'],
  [301, 300, node, 0, 1, 'systemd'],
  [302, 301, node, 0, 1, 'nova-api'],
  [400, 1, host, 1, 0, 'vim'],
  [500, 1, inner, 0, 0, 'sleep'],
]
  .map((row) => ['process', ...row].join('\t'))
  .join('\n')

const xml = (text: string) => `xml\t${Buffer.from(text).toString('base64')}`
const pids = (output: string, own: number) => parseInventory(output, lab, own).processes.map(({ pid }) => pid)
const withNetns = `${processes}\nnetns\t${inner}\nhostnet\t${host}`

test('what runs in the namespace or a container is the lab’s, an editor with one of its files open is not', () => {
  expect(pids(withNetns, 100)).toEqual([200, 300, 301, 302, 500])
})

test('a namespace without a name is found by its daemons', () => {
  expect(pids(`${processes}\nhostnet\t${host}`, 100)).toEqual([200, 300, 301, 302, 500])
})

test('a removal inside the namespace spares its own ancestors and children', () => {
  const line = [
    [600, 100, inner, 0, 0, 'terraform'],
    [601, 600, inner, 0, 0, 'provider'],
    [602, 600, inner, 0, 0, 'sh'],
    [603, 602, inner, 0, 0, 'node'],
  ]
  const output = `${line.map((row) => ['process', ...row].join('\t')).join('\n')}\n${withNetns}`
  expect(pids(output, 603)).toEqual([200, 300, 301, 302, 500])
  expect(pids(output, 100)).toEqual([600, 601, 602, 603, 200, 300, 301, 302, 500])
})

test("without its own namespace the host's processes are never taken for the lab's", () => {
  const output = `${processes.replaceAll(inner, host)}\nhostnet\t${host}`
  expect(pids(output, 100)).toEqual([200, 300, 301, 302])
})

const domain = (name: string, description: string, running = false) =>
  `<domain type='lxc'${running ? " id='7'" : ''}>\n  <name>${name}</name>\n  <uuid>u-${name}</uuid>\n  <description>${description}</description>\n</domain>\n`
const network = (name: string, bridge: string) =>
  `<network connections='1'>\n  <name>${name}</name>\n  <uuid>u-${name}</uuid>\n  <bridge name='${bridge}' stp='on'/>\n  <ip address='10.0.0.1' netmask='255.255.255.0'>\n  </ip>\n</network>\n`
const pool = (name: string, path: string) =>
  `<pool type='dir'>\n  <name>${name}</name>\n  <uuid>u-${name}</uuid>\n  <target>\n    <path>${path}</path>\n  </target>\n</pool>\n`

const objects = xml(
  domain('duostack-controller', `duostack lab ${id}, definition 12`, true) +
    domain('duostack-compute1', 'duostack lab ffffffff') +
    network('duostack-management', `${id}-mgmt`) +
    network('duostack-provider', 'ffffffff-prov') +
    pool('duostack-pool', `/var/lib/duostack/${id}/pool`) +
    pool('duostack-other', `/var/lib/duostack/${id}0/pool`),
)

test('in the system libvirtd only what carries the lab id is the lab’s; look-alikes are not', () => {
  const inventory = parseInventory(objects, { ...lab, isolation: 'none' }, 100)
  expect(inventory.domains).toEqual([
    {
      name: 'duostack-controller',
      uuid: 'u-duostack-controller',
      driver: 'lxc',
      running: true,
      memoryMiB: 0,
      vcpus: 0,
    },
  ])
  expect(inventory.networks.map(({ name }) => name)).toEqual(['duostack-management'])
  expect(inventory.pools.map(({ name }) => name)).toEqual(['duostack-pool'])
})

test('in a private libvirtd everything is the lab’s, once though both drivers list it', () => {
  const inventory = parseInventory(`${objects}\n${objects}`, lab, 100)
  expect(inventory.networks).toHaveLength(2)
  expect(inventory.domains.map(({ running }) => running)).toEqual([true, false])
})

test('without anything the inventory is empty', () => {
  expect(describeInventory(parseInventory('', lab, 100))).toEqual([])
})

test('each thing is described in one line', () => {
  const output = `namespace\tduostack-${id}\nmount\t/var/lib/duostack/${id}\nlink\t${id}-mgmt\ncgroup\t/sys/fs/cgroup/duostack-${id}-controller`
  expect(describeInventory(parseInventory(output, lab, 100))).toEqual([
    `network namespace duostack-${id}`,
    `mount /var/lib/duostack/${id}`,
    `interface ${id}-mgmt`,
    `cgroup /sys/fs/cgroup/duostack-${id}-controller`,
  ])
})

test('the script finds nothing on a machine without the lab, and sees this process', async () => {
  const question = { id: 'fedcba98', data: '/var/lib/duostack/fedcba98', netns: '/run/netns/duostack-fedcba98' }
  const input = inventoryScript({
    ...question,
    uris: ['qemu+unix:///system?socket=/nowhere'],
    folders: [],
    firewall: true,
  })
  const { stdout } = await runOnHost('bash', ['-s'], { step: 'inventory', input })
  expect(stdout).toContain(`process\t${process.pid}\t${process.ppid}\t`)
  const noLab = { ...lab, id: 'fedcba98', paths: { ...lab.paths, data: question.data } }
  expect(describeInventory(parseInventory(stdout, noLab, process.pid))).toEqual([])
})

test('what could not be removed is listed with the lab id, one line each', () => {
  expect(describeLeft(lab, ['domain duostack-controller', 'mount /x'])).toBe(
    `still on this machine with lab id ${id}:\n  domain duostack-controller\n  mount /x`,
  )
})
