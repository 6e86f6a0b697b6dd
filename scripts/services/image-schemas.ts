/**
 * The services' databases, made in the tree as their packages make them: a node then finds its schemas in place. Run as
 * `schemas.ts <tree>` by the build, as root, in a mount and network namespace of its own.
 */

import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { CommandError } from '../declaration/errors.ts'
import { controllerOf, type Lab } from '../declaration/lab.ts'
import { loadLab } from '../declaration/load.ts'
import { type Secrets, secretNames } from '../declaration/secret-names.ts'
import { byService, profileOf } from '../declaration/service-profiles.ts'
import { ensureFile } from '../engine/files.ts'
import type { Operation } from '../engine/operation.ts'
import { databaseOperations } from '../engine/operations.ts'
import { runOperations } from '../engine/run-operations.ts'
import { filesOn, type Service } from '../engine/service.ts'
import { runStep } from '../engine/steps.ts'
import { imageFolder } from '../image/recipe.ts'
import type { Host } from '../run/host.ts'
import { runOnHost } from '../run/process.ts'
import { enabledServices, services } from './index.ts'

/** A lab that has everything which is not off by default; of its secrets nothing stays in the image. */
function throwawayLab(): { lab: Lab; secrets: Secrets } {
  const lab = loadLab(join(imageFolder, '../..'), { hypervisor: 'lxc' })
  const secrets = Object.fromEntries(secretNames.map((name) => [name, randomBytes(16).toString('hex')])) as Secrets
  return { lab: { ...lab, services: byService((name) => profileOf(name).optional !== 'off'), timeScale: 1 }, secrets }
}

const bakedParts = (service: Service) =>
  service.parts.filter((part) => service.name === 'mariadb' || part.setup?.some((step) => step.inImage))

/** The files that the server and the services' tools read. */
function fileOperations(all: readonly Service[], lab: Lab): Operation[] {
  const files = all.flatMap((service) => bakedParts(service).flatMap((part) => filesOn(part, controllerOf(lab).name)))
  return files.map(ensureFile)
}

/** Nothing starts daemons in a tree. */
const startServer: Operation = {
  phase: 'setup',
  kind: 'step',
  title: 'MariaDB runs',
  check: 'mariadb -e "SELECT 1" >/dev/null 2>&1',
  apply: `install -d -o mysql -g mysql /run/mysqld
setsid mariadbd --user=mysql >/run/mariadbd.log 2>&1 &
for _ in {1..300}; do mariadb -e 'SELECT 1' >/dev/null 2>&1 && exit 0; sleep 0.1; done
tail -n 20 /run/mariadbd.log; exit 1`,
}

/** With their users go the throw-away passwords; a node makes its own. In the build nobody fetches ended processes. */
function stopServer(all: readonly Service[]): Operation {
  const users = new Set(all.flatMap(({ databases = [] }) => databases.map(({ user }) => user)))
  return {
    phase: 'setup',
    kind: 'step',
    title: 'MariaDB has ended',
    check: '! pgrep -x -r R,S,D mariadbd >/dev/null',
    apply: `mariadb -e "${[...users].map((user) => `DROP USER '${user}'@'%';`).join(' ')}"
mariadb-admin shutdown
for _ in {1..300}; do pgrep -x -r R,S,D mariadbd >/dev/null || exit 0; sleep 0.1; done`,
  }
}

function schemaOperations(service: Service, lab: Lab): Operation[] {
  const steps = bakedParts(service).flatMap((part) => (part.setup ?? []).filter((step) => step.inImage))
  return [...databaseOperations(service, lab), ...steps.map((step) => runStep(step, lab.timeScale))]
}

/** A tree as a place where commands run: the engine's own scripts make in it what they would make on a node. */
function treeHost(tree: string): Host {
  return {
    name: 'image',
    async run(script, { step, onLine }) {
      const child = execa('chroot', [tree, 'bash', '-s'], {
        input: `set -euo pipefail\n${script}`,
        reject: false,
        all: true,
        env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
        extendEnv: false,
      })
      for await (const line of child.iterable({ from: 'stdout' })) onLine?.(String(line))
      const { exitCode, stdout, all } = await child
      if (exitCode === 0) return stdout
      throw new CommandError({ node: 'image', step, paste: `chroot ${tree}`, exitCode: exitCode ?? 1, output: all })
    },
  }
}

const mountScript = `
mkdir -p "$1/upper" "$1/work" "$1/root"
mount -t overlay schemas -o "lowerdir=$2,upperdir=$1/upper,workdir=$1/work" "$1/root"
mount -t proc proc "$1/root/proc"
mount --bind /dev "$1/root/dev"
mount -t tmpfs tmpfs "$1/root/run"
ip link set lo up
ip address add "$3/32" dev lo`

/** The tree is the overlay's lower layer: nothing changes in it before the overlay is gone. */
const bringScript = `
cp -a "$1/root/var/lib/mysql" "$1/mysql"
umount -R "$1/root"
rm -rf "$2/var/lib/mysql"
mv "$1/mysql" "$2/var/lib/mysql"
rm -rf "$1"`

/** Works above the tree and brings back the databases alone. */
async function makeSchemas(tree: string): Promise<void> {
  const { lab, secrets } = throwawayLab()
  const workshop = `${tree}.schemas`
  rmSync(workshop, { recursive: true, force: true })
  mkdirSync(workshop)
  const { address } = controllerOf(lab)
  await runOnHost('sh', ['-euc', mountScript, 'sh', workshop, tree, address], { step: 'image: place for the schemas' })
  const host = treeHost(join(workshop, 'root'))
  const all = enabledServices(lab).map((name) => services[name](lab, secrets))
  const run = (label: string, operations: readonly Operation[]) =>
    runOperations(host, operations, { label, dry: false, timeScale: 1, secrets: Object.values(secrets) })
  await run('files', [...fileOperations(all, lab), startServer])
  await Promise.all(all.map((service) => run(service.name, schemaOperations(service, lab))))
  await run('end', [stopServer(all)])
  await runOnHost('sh', ['-euc', bringScript, 'sh', workshop, tree], { step: 'image: bring the schemas back' })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await makeSchemas(process.argv[2]!)
