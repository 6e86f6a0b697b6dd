/** Machine A: systemd as PID 1 in its own namespaces, at native speed. */

import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { execa } from 'execa'
import { ensureTools } from './apt.ts'
import { cloneInto, publishInto } from './checkout.ts'
import { carryNode, equip, equipForNamespaces, giveDev, seed } from './equip.ts'
import { type Ground, type Machine, machineScript, readWarnings, runOver, sshOptions, untilUp } from './machine.ts'
import { removeTree } from './remove-tree.ts'
import { ensureRoot, type RootRecipe } from './roots.ts'

export interface Wanted {
  name: string
  recipe: RootRecipe
  /** With everything that is the same on every machine, so that only the host's own setup takes time. */
  seeded: boolean
  /** Without it there is a repository in the user's home to clone from. */
  checkout: boolean
  /** It has no network; this puts into its root file system what it gets. */
  offline?: ((root: string) => Promise<void>) | undefined
  fresh: boolean
}

/** Boots it. If that fails, what was done is undone. */
export async function startSystemdMachine(ground: Ground, wanted: Wanted): Promise<Machine> {
  await ensureTools(['mmdebstrap', 'debian-archive-keyring', 'slirp4netns', 'procps', 'openssh-client', 'git'])
  // Its cgroup has the same name, so that two runs at once do not share one.
  const folder = join(ground.folder, `${basename(ground.folder)}-${wanted.name}`)
  const machine = describe(ground, wanted.name, folder)
  try {
    await furnish(ground, wanted, folder)
    await machineScript('start', folder)
    await untilUp(machine, 120)
  } catch (error) {
    await machine.remove()
    throw error
  }
  return machine
}

async function furnish(
  ground: Ground,
  { recipe, seeded, checkout, offline, fresh }: Wanted,
  folder: string,
): Promise<void> {
  const root = join(folder, 'root')
  await mkdir(folder)
  await execa('cp', ['-a', '--reflink=auto', await ensureRoot(ground.folder, recipe, fresh), root])
  await equip(root, `${ground.key}.pub`)
  await equipForNamespaces(root)
  if (recipe.suite === 'bookworm') await carryNode(root)
  if (seeded) await seed(root)
  if (offline) {
    await writeFile(join(folder, 'offline'), '')
    await offline(root)
  } else if (checkout) {
    await cloneInto(join(root, 'home/dev/duostack'))
    await execa('cp', ['-a', join(root, 'home/dev/duostack'), join(root, 'root/duostack')])
  } else {
    await publishInto(join(root, 'home/dev/published'))
  }
  await giveDev(root)
}

function describe(ground: Ground, name: string, folder: string): Machine {
  const machine: Machine = {
    name,
    enter: `nsenter -at $(cat ${folder}/init.pid) bash -l`,
    run: async (user, body, options) => {
      const pid = (await readFile(join(folder, 'init.pid'), 'utf8')).trim()
      const way = ['nsenter', '-t', pid, '-n', 'ssh', ...sshOptions(ground.key), `${user}@127.0.0.1`]
      return runOver(`${user}@${name}`, way, body, options)
    },
    reboot: async () => {
      await machineScript('stop', folder)
      await machineScript('start', folder)
      await untilUp(machine, 120)
    },
    lastWords: () => readWarnings(machine),
    remove: async () => {
      await machineScript('stop', folder)
      await removeTree(folder)
    },
  }
  return machine
}
