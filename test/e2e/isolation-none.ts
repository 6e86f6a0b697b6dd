/** `lab_isolation: none`: a lab in a machine's own libvirtd and network, beside what others have there. */

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Copy } from './copy.ts'

const outerHost = join(import.meta.dirname, 'outer-host.sh')

/** What the machine has, with a network and a container of somebody else's; the lab must not show in the difference. */
const script = `
  look() { ip -br link; ip -4 -br address; virsh -q -c lxc:///system list --all --uuid; virsh -q -c qemu:///system net-list --all --uuid; virsh -q -c qemu:///system pool-list --all --uuid; ls -A /run/netns /var/lib/duostack; }
  echo '<network><name>others</name><bridge name="others"/></network>' >/tmp/others.xml
  virsh -q -c qemu:///system net-create /tmp/others.xml; rm /tmp/others.xml
  look >"$1/before"
  ./lab up && ./lab verify --json >"$1/verify.json" && look >"$1/during" && ./lab down --yes; code=$?
  look >"$1/after"
  exit $code
`

export function describeIsolationNone(copyOf: () => Copy): void {
  describe('without isolation', () => {
    test("a lab lives in the system's libvirtd, beside the networks of others, and leaves only those", async () => {
      const copy = copyOf()
      const file = join(copy.root, 'ansible-vars/group_vars/all.yml')
      const yaml = await readFile(file, 'utf8')
      await writeFile(file, yaml.replace(/^lab_isolation:.*/m, 'lab_isolation: none'))
      const run = await copy.run(outerHost, 'bash', '-c', script, 'bash', copy.root)
      await writeFile(file, yaml)
      expect(run.exitCode).toBe(0)
      expect(run.all).toContain('isolation: none')
      const [before, during, after] = await Promise.all(
        ['before', 'during', 'after'].map((name) => readFile(join(copy.root, name), 'utf8')),
      )
      expect(during).toMatch(/203\.0\.113\.1\/24/)
      expect(after).toBe(before)
    })
  })
}
