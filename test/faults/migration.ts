/** Two compute nodes: servers move between them with their disks; the keys for this give access to nothing else. */

import { expect, test } from 'vitest'
import { client } from '../harness/answers.ts'
import type { Copy } from '../harness/copy.ts'
import { labKey } from '../harness/instance.ts'
import { expectRun, onNode } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'
import { onCompute } from './second-compute.ts'
import { createServer, deleteServer, expectKept, expectStatus, type Server, show } from './server.ts'

const part = 'change'
const computes = ['compute1', 'compute2'] as const
export const keyFolder = '/var/lib/nova/.ssh'

const hostOf = async (server: Server) => (await show(server))['OS-EXT-SRV-ATTR:host']

/** To the other node, by copying its disks; the client does not wait here. */
async function migrate(server: Server): Promise<void> {
  const from = await hostOf(server)
  await client(server.copy, 'server', 'migrate', server.id)
  await expectStatus(server, 'VERIFY_RESIZE')
  await client(server.copy, 'server', 'migration', 'confirm', server.id)
  await expectStatus(server, 'ACTIVE')
  expect(await hostOf(server)).toBe(computes.find((name) => name !== from))
  await expectKept(server)
}

export function migrationTests(copy: () => Copy): void {
  const readKeys = () =>
    Promise.all(
      computes.map((node) => onNode(copy(), node, `cat ${keyFolder}/peers; ssh-keygen -y -f ${keyFolder}/id_ed25519`)),
    )

  test('a server moves to the other compute node and back, with its disks; the keys are new in between', () =>
    recorded(part, 'cold migration', async () => {
      const where = [...onCompute('compute1'), '--config-drive', 'True']
      const server = await createServer(copy(), 'mover', '--flavor', 'm1.nano', '--image', 'duostack-test', ...where)
      await migrate(server)
      const old = await readKeys()
      await expectRun(copy(), 'secrets', 'rotate', 'nova_migration_key')
      const now = await readKeys()
      expect(now.filter((keys, index) => keys === old[index])).toEqual([])
      await migrate(server)
      // Not supported; the server stays as it is.
      await copy().run('./lab', 'openstack', 'server', 'migrate', '--live-migration', '--block-migration', server.id)
      await expectStatus(server, 'ACTIVE')
      expect(await hostOf(server)).toBe('compute1')
      await expectKept(server)
      await deleteServer(server)
      return 'there and back, file kept; keys rotated; a live migration leaves it where it is'
    }))

  test('only Nova has the keys between compute nodes, and they give access to nothing else', () =>
    recorded(part, 'keys between compute nodes', async () => {
      for (const node of computes) {
        const modes = await onNode(copy(), node, `stat -c '%a %U:%G' ${keyFolder} ${keyFolder}/*`)
        expect(modes.split('\n')).toEqual(['700 nova:nova', ...Array(4).fill('600 nova:nova')])
      }
      expect(await onNode(copy(), 'controller', `[ -e ${keyFolder} ] || echo none`)).toBe('none')
      const options = '-F /dev/null -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null'
      const asNova = (target: string) =>
        `runuser -u nova -- ssh -i ${keyFolder}/id_ed25519 ${options} ${target} true 2>&1 || :`
      // As intended, for comparison.
      expect(await onNode(copy(), 'compute2', 'runuser -u nova -- ssh -o BatchMode=yes 10.0.0.31 id -un')).toBe('nova')
      for (const target of [
        'nova@10.0.0.11',
        'root@10.0.0.11',
        'nova@10.0.0.31',
        'root@10.0.0.31',
        '-p 2022 root@10.0.0.31',
      ]) {
        expect(await onNode(copy(), 'compute2', asNova(target)), target).toMatch(/Permission denied/)
      }
      expect(await onNode(copy(), 'compute2', asNova('-p 2022 nova@10.0.0.11'))).toMatch(/refused/)
      // The lab's own key, from this machine; and a node's key from an address that is not the node's.
      const own = [...labKey(copy()), '-p', '2022', 'nova@10.0.0.31', 'true']
      const here = await copy().run('./lab', 'exec', '--', 'ssh', ...options.split(' '), ...own)
      expect(String(here.all)).toMatch(/Permission denied/)
      const terminal = await onNode(copy(), 'compute2', 'runuser -u nova -- ssh -tt 10.0.0.31 true 2>&1 || :')
      expect(terminal).toMatch(/PTY allocation request failed/)
      return 'sshd of both nodes and of the controller refuse them; from nowhere else, without a terminal'
    }))
}
