/** How much memory a node reports as used, in namespaces that look like a node's. */

import { readFile } from 'node:fs/promises'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { readUsedMemory } from '../../scripts/nodes/used-memory.ts'

/** A process that uses 64 MiB, alone with its shell in a namespace; `/sys/fs/cgroup` as `prepare` leaves it. */
async function readIn(prepare: string, virtualization: string): Promise<number> {
  const script = `mount -t tmpfs -o size=1m none /sys/fs/cgroup
mkdir -p /sys/fs/cgroup/bin && printf '#!/bin/sh\\n${virtualization}\\n' > /sys/fs/cgroup/bin/systemd-detect-virt && chmod +x /sys/fs/cgroup/bin/*
PATH=/sys/fs/cgroup/bin:$PATH
${prepare}
python3 -c 'import time; held = bytearray(64 << 20); print("held", flush=True); time.sleep(30)' > /sys/fs/cgroup/bin/held & held=$!
until [ -s /sys/fs/cgroup/bin/held ]; do sleep 0.05; done
${readUsedMemory}
echo "used $used"; kill $held`
  const { stdout } = await execa('unshare', ['-rmpf', '--mount-proc', 'bash', '-c', script])
  return Number(/^used (\d+)$/m.exec(stdout)?.[1])
}

async function usedHereMiB(): Promise<number> {
  const text = await readFile('/proc/meminfo', 'utf8')
  const kib = (name: string) => Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(text)?.[1])
  return (kib('MemTotal') - kib('MemAvailable')) / 1024
}

test("a container's cgroup is read if it has memory files, without the page cache", async () => {
  const files = `echo $((300 << 20)) > /sys/fs/cgroup/memory.current
echo "inactive_file $((100 << 20))" > /sys/fs/cgroup/memory.stat`
  expect(await readIn(files, 'true')).toBe(200)
})

test('a container whose cgroup has none counts the memory of its processes', async () => {
  const used = await readIn(':', 'true')
  expect(used).toBeGreaterThan(64)
  expect(used).toBeLessThan((await usedHereMiB()) / 2)
})

test("a VM reads its kernel's own figure", async () => {
  const used = await readIn(':', 'false')
  expect(used).toBeGreaterThan((await usedHereMiB()) / 2)
})
