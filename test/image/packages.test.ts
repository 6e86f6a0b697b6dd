import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { loadLab } from '../../scripts/declaration/load.ts'
import { loadSecrets } from '../../scripts/declaration/secrets.ts'
import { filesBelow, imageFolder, nodePackages, overlayFolder, treeScripts } from '../../scripts/image/recipe.ts'
import { initrdModules, instanceFolder, rootModules } from '../../scripts/image/test-recipe.ts'
import { enabledServices, serviceOf } from '../../scripts/services/index.ts'
import { everyService } from '../fixtures/lab.ts'

const checkout = join(imageFolder, '../..')

test.each(['lxc', 'qemu', 'kvm'] as const)('the image holds every package that a service on %s needs', (hypervisor) => {
  const lab = { ...loadLab(checkout, { hypervisor }), services: everyService }
  const needed = enabledServices(lab).flatMap((name) =>
    serviceOf(lab, loadSecrets(checkout), name).parts.flatMap((part) => part.packages),
  )
  const known = new Set<string>(nodePackages)
  expect(needed.length).toBeGreaterThan(10)
  expect(needed.filter((name) => !known.has(name))).toEqual([])
})

const scripts = [...filesBelow(overlayFolder), ...filesBelow(instanceFolder), ...treeScripts].filter((file) =>
  readFileSync(file, 'utf8').startsWith('#!'),
)

test('every script that goes into an image is one that a shell can read', async () => {
  expect(scripts.length).toBeGreaterThan(8)
  for (const script of scripts) await execa('sh', ['-n', script])
})

test('every script inside an image has its executable bit', () => {
  const inside = scripts.filter((file) => !treeScripts.includes(file))
  expect(inside.filter((file) => (statSync(file).mode & 0o100) === 0)).toEqual([])
})

test('nothing is enabled in the image but ssh, log rotation and what makes a node itself', () => {
  const preset = readFileSync(join(overlayFolder, 'etc/systemd/system-preset/00-duostack.preset'), 'utf8')
  const rules = preset.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  expect(rules).toEqual(['enable ssh.service', 'enable duostack-*.service', 'enable logrotate.timer', 'disable *'])
})

test('the first file system of the test instance loads the same drivers that its script asks for', () => {
  const init = readFileSync(join(instanceFolder, 'initrd/init'), 'utf8')
  expect(/for module in (.*?); do/.exec(init)?.[1]?.split(' ')).toEqual(initrdModules)
  const rc = readFileSync(join(instanceFolder, 'root/etc/rc'), 'utf8')
  for (const module of /for module in (.*?); do/.exec(rc)?.[1]?.split(' ') ?? []) expect(rootModules).toContain(module)
})
