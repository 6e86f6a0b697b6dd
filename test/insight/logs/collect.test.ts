import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { collectScript } from '../../../scripts/insight/logs/collect-script.ts'
import { temporaryFolder } from '../../fixtures/folder.ts'

const old = {
  oslo: '2026-11-24 05:59:59.999 23 INFO old',
  uwsgi: '[pid: 1|app: 0|req: 1/1] 10.0.0.1 () {1 vars in 1 bytes} [Tue Nov 24 05:59:59 2026] GET /old',
  apache: '[Tue Nov 24 05:59:59.123456 2026] [core:notice] old',
  access: 'controller:80 10.0.0.1 - - [24/Nov/2026:05:59:59 +0000] "GET /old HTTP/1.1" 200',
  mariadb: '2026-11-24  5:59:59 0 [Note] old',
}
const fresh = {
  oslo: '2026-11-24 06:00:00.001 23 INFO new',
  uwsgi: '[pid: 1|app: 0|req: 1/1] 10.0.0.1 () {1 vars in 1 bytes} [Tue Nov 24 06:00:00 2026] GET /new',
  apache: '[Tue Nov 24 06:00:00.123456 2026] [core:notice] new',
  access: 'controller:80 10.0.0.1 - - [24/Nov/2026:06:00:00 +0000] "GET /new HTTP/1.1" 200',
  mariadb: '2026-11-24 16:00:00 0 [Note] new',
}

/** On a machine with a journal of one line. */
async function collect(files: Record<string, string[]>, since?: number) {
  const folder = temporaryFolder()
  for (const [name, lines] of Object.entries(files))
    writeFileSync(join(folder, name), lines.map((line) => `${line}\n`).join(''))
  writeFileSync(join(folder, 'journalctl'), '#!/bin/sh\necho "{\\"args\\": \\"$*\\"}"\n')
  chmodSync(join(folder, 'journalctl'), 0o755)
  const script = collectScript({ files: [`${folder}/*.log`], follow: false, ...(since === undefined ? {} : { since }) })
  const { stdout } = await execa('bash', ['-c', script], { env: { PATH: `${folder}:${process.env['PATH']}` } })
  const lines = stdout.split('\n').map((line) => line.replace(`${folder}/`, ''))
  return {
    journal: lines.filter((line) => line.startsWith('J ')),
    lines: lines.filter((line) => line.startsWith('F ')),
  }
}

test.each(Object.keys(old) as (keyof typeof old)[])(
  'of a file in the form of %s, only what is not older is handed over',
  async (form) => {
    const { lines } = await collect(
      { 'a.log': [old[form], '  of the old', fresh[form], '  of the new'] },
      Date.parse('2026-11-24T06:00:00Z'),
    )
    expect(lines).toEqual([`F a.log ${fresh[form]}`, 'F a.log   of the new'])
  },
)

test('without a time everything is printed, rotated files first', async () => {
  const { lines, journal } = await collect({ 'a.log': ['banner', fresh.oslo], 'a.log.1': [old.oslo], 'b.log': [] })
  expect(lines).toEqual([`F a.log ${old.oslo}`, 'F a.log banner', `F a.log ${fresh.oslo}`])
  expect(journal.join()).not.toContain('--since')
})

test('the journal is asked since the same moment', async () => {
  const { journal } = await collect({}, Date.parse('2026-11-24T06:00:00Z'))
  expect(journal.join()).toContain(`--since=@${Date.parse('2026-11-24T06:00:00Z') / 1000}`)
})
