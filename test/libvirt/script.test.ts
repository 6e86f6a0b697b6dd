/** The bash function that describes a libvirtd, run by the real virsh with libvirt's own test driver. */

import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { virshXml } from '../../scripts/libvirt/script.ts'
import { parseLibvirtXml } from '../../scripts/libvirt/xml.ts'
import { temporaryFolder } from '../fixtures/folder.ts'

/** `broken`: replaces this word of a command with one that fails as if the driver for it were missing. */
async function read(broken?: string) {
  const folder = temporaryFolder()
  const { stdout: real } = await execa('sh', ['-c', 'command -v virsh'])
  const exchange = broken ? `-e 's/${broken} --all --uuid/vol-info nothing nowhere/'` : "-e ''"
  await writeFile(
    join(folder, 'virsh'),
    `#!/bin/bash\nfor word; do set -- "$@" "$(sed ${exchange} <<<"$word")"; shift; done\nexec ${real} "$@"\n`,
  )
  await chmod(join(folder, 'virsh'), 0o755)
  return execa('bash', ['-s'], {
    input: `${virshXml}\nvirsh_xml test:///default`,
    env: { PATH: `${folder}:${process.env['PATH']}` },
    reject: false,
  })
}

test('describes domains, networks and pools', async () => {
  const { stdout, exitCode } = await read()
  const { domains, networks, pools } = parseLibvirtXml(stdout)
  expect([exitCode, domains.length, networks.length, pools.length]).toEqual([0, 1, 1, 1])
})

test.each(['pool-list', 'net-list'])('a daemon without a driver for %s still describes its domains', async (broken) => {
  const { stdout, exitCode } = await read(broken)
  expect([exitCode, parseLibvirtXml(stdout).domains.length]).toEqual([0, 1])
})

test('one that does not describe its domains has failed', async () => {
  expect((await read(' list')).exitCode).toBe(1)
})
