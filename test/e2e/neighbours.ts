/** Ansible and plain Terraform on a running lab, as docs/guide/ansible-and-terraform.md says. */

import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Copy } from '../harness/copy.ts'

/** The first block of a language in the page, as a reader would copy it. */
async function blockOf(copy: Copy, language: string): Promise<string> {
  const page = await readFile(join(copy.root, 'docs/guide/ansible-and-terraform.md'), 'utf8')
  return new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'ms').exec(page)![1]!
}

/** Needs ansible-core on PATH: apt-get install ansible-core. */
const ansible = (copy: Copy, ...args: string[]) => copy.run('./lab', 'exec', '--', ...args)

const terraform = (copy: Copy, stack: string, ...args: string[]) =>
  copy.run(
    './lab',
    'exec',
    '--',
    'sh',
    '-c',
    'exec "$TERRAFORM_BINARY_NAME" "$@"',
    'sh',
    `-chdir=cdktf.out/stacks/${stack}`,
    ...args,
  )

export function neighbourTests(copyOf: () => Copy): void {
  describe('neighbours', () => {
    test('Ansible reads the declaration as its inventory', async () => {
      const list = await copyOf().run('ansible-inventory', '--list')
      expect(list.exitCode).toBe(0)
      const { _meta, controller, compute, storage } = JSON.parse(String(list.stdout))
      expect([controller.hosts, compute.hosts, storage.hosts]).toEqual([['controller'], ['compute1'], ['controller']])
      expect(_meta.hostvars.compute1).toMatchObject({ ansible_host: '10.0.0.31', lab_name: 'duostack', vcpus: 2 })
    })

    test('Ansible reaches every node', async () => {
      const ping = await ansible(copyOf(), 'ansible', 'all', '-m', 'ping', '-o')
      expect(ping.exitCode).toBe(0)
      for (const node of ['controller', 'compute1'])
        expect(ping.stdout).toMatch(new RegExp(`^${node} \\| SUCCESS.*pong`, 'm'))
    })

    test('the playbook of the docs runs, and changes nothing', async () => {
      const file = join(copyOf().root, 'versions.yml')
      await writeFile(file, await blockOf(copyOf(), 'yaml'))
      const play = await ansible(copyOf(), 'ansible-playbook', 'versions.yml')
      await rm(file)
      expect(play.exitCode).toBe(0)
      expect(play.stdout).toMatch(/controller \(10\.0\.0\.11, \d+ MiB\) in region RegionOne: Nova 2:26\.\S+, load \d/)
      expect(play.stdout).toMatch(/compute1\s+: ok=3\s+changed=0\s+unreachable=0\s+failed=0/)
    })

    test('plain Terraform finds nothing to do in any of the stacks', async () => {
      for (const stack of ['nodes', 'services', 'cloud']) {
        const plan = await terraform(copyOf(), stack, 'plan', '-input=false', '-no-color', '-detailed-exitcode')
        expect(plan.stdout).toMatch(/No changes/)
        expect(plan.exitCode, stack).toBe(0)
      }
      const output = await terraform(copyOf(), 'cloud', 'output', '-raw', 'server_address')
      expect(output.stdout).toMatch(/^203\.0\.113\.\d+$/)
    })

    test('plain Terraform recreates one service and nothing else', async () => {
      const only = ['-input=false', '-no-color', '-auto-approve', '-replace=terraform_data.chrony']
      const apply = await terraform(copyOf(), 'services', 'apply', ...only)
      expect(apply.exitCode).toBe(0)
      expect(apply.stdout).toMatch(/Resources: 1 added, 0 changed, 1 destroyed/)
    })
  })
}
