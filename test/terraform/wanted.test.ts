import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { readTerraformFacts } from '../../scripts/terraform/facts.ts'
import { checkTerraformWanted } from '../../scripts/terraform/wanted.ts'
import { temporaryFolder } from '../fixtures/folder.ts'

const path = process.env['PATH']
afterEach(() => {
  process.env['PATH'] = path
})

/** A PATH with only these programs, each of which prints its version. */
function machineWith(programs: Record<string, string>): string {
  const folder = temporaryFolder()
  for (const [name, version] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\necho '{"terraform_version": "${version}"}'\n`)
    chmodSync(join(folder, name), 0o755)
  }
  process.env['PATH'] = `${folder}:/bin`
  return folder
}

const programOf = async (wanted?: 'terraform' | 'tofu') =>
  (await readTerraformFacts(temporaryFolder(), undefined, wanted)).program?.name

describe('which program a new lab gets', () => {
  test('the first that is found, terraform before tofu', async () => {
    machineWith({ terraform: '1.11.4', tofu: '1.10.6' })
    expect(await programOf()).toBe('terraform')
  })

  test('the one that is named, even if the other is installed', async () => {
    const folder = machineWith({ terraform: '1.11.4', tofu: '1.10.6' })
    const { program } = await readTerraformFacts(temporaryFolder(), undefined, 'tofu')
    expect(program).toEqual({ name: 'tofu', path: join(folder, 'tofu') })
  })

  test('never the other in its place', async () => {
    machineWith({ tofu: '1.10.6' })
    expect(await programOf('terraform')).toBeUndefined()
  })
})

describe('what is refused', () => {
  const none = { tooOld: [] }
  const built = (name: 'terraform' | 'tofu') => ({ terraform: { name, path: `/usr/bin/${name}` } })

  test('nothing if none is named, or the same one again', () => {
    expect(checkTerraformWanted(undefined, none, built('tofu'))).toEqual([])
    expect(checkTerraformWanted('tofu', none, built('tofu'))).toEqual([])
  })

  test('another one on a running lab, with the way to change it', () => {
    expect(checkTerraformWanted('tofu', none, built('terraform'))).toEqual([
      {
        where: './lab up --terraform',
        given: 'tofu',
        allowed: 'terraform, as the lab was built',
        remedy: './lab down && ./lab up --terraform tofu',
      },
    ])
  })

  test('terraform if it is not installed; OpenTofu is obtained', () => {
    expect(checkTerraformWanted('tofu', none)).toEqual([])
    const [finding] = checkTerraformWanted('terraform', { tooOld: ['/usr/bin/terraform 1.3.0'] })
    expect(finding).toMatchObject({ given: 'no terraform on PATH (too old: /usr/bin/terraform 1.3.0)' })
  })
})
