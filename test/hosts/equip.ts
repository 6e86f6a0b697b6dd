/**
 * Sets up a root file system as a usable machine: names, a user with sudo, keys, Node.js, the network, and the clients
 * needed.
 */

import { existsSync } from 'node:fs'
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { nodeImageDigest } from '../../scripts/image/recipe.ts'

const hostName = 'newhost'

/** Everything but the checkout. `key`: the public key that both users admit. */
export async function equip(root: string, key: string): Promise<void> {
  const write = async (path: string, text: string, mode = 0o644) => {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text, { mode })
  }
  await write('etc/hostname', `${hostName}\n`)
  await write('etc/hosts', `127.0.0.1 localhost\n127.0.1.1 ${hostName}\n`)
  await execa('chroot', [root, 'useradd', '-m', '-s', '/bin/bash', 'dev'])
  await write('etc/sudoers.d/dev', 'dev ALL=(ALL) NOPASSWD: ALL\n', 0o440)
  await write('etc/environment', await clientEnvironment(root))
  for (const home of ['root', 'home/dev']) {
    await mkdir(join(root, home, '.ssh'), { recursive: true, mode: 0o700 })
    await write(`${home}/.ssh/authorized_keys`, await readFile(key, 'utf8'), 0o600)
    await write(`${home}/.npmrc`, await npmSettings())
  }
  await giveDev(root)
}

/** Everything in the user's home belongs to the user. */
export const giveDev = (root: string) => execa('chroot', [root, 'chown', '-R', 'dev:dev', '/home/dev'])

/** Proxies and certificates, if the files that they name exist there as well. */
async function clientEnvironment(root: string): Promise<string> {
  const wanted = /(^|_)(http|https|no|all)_proxy$|^GOPROXY$|^(NODE_EXTRA_CA_CERTS|PIP_CERT|TF_CLI_CONFIG_FILE)$/i
  const lines: string[] = []
  for (const [name, value = ''] of Object.entries(process.env)) {
    if (!wanted.test(name)) continue
    if (name === 'TF_CLI_CONFIG_FILE' && existsSync(value)) await cp(value, join(root, value))
    if (!value.startsWith('/') || existsSync(join(root, value))) lines.push(`${name}=${value}\n`)
  }
  return lines.join('')
}

async function npmSettings(): Promise<string> {
  const lines: string[] = []
  for (const name of ['registry', 'cafile']) {
    const { stdout } = await execa('npm', ['config', 'get', name], { reject: false })
    if (stdout && stdout !== 'null') lines.push(`${name}=${stdout}\n`)
  }
  return lines.join('')
}

/** This machine's own Node.js, if the other's archive has one that is too old: as installed from elsewhere. */
export async function carryNode(root: string): Promise<void> {
  const modules = '/usr/lib/node_modules'
  const npm = dirname(dirname(await realPath('npm')))
  await cp(process.execPath, join(root, 'usr/bin/node'))
  await mkdir(join(root, modules), { recursive: true })
  await execa('cp', ['-a', npm, join(root, modules, 'npm')])
  await symlink('../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/bin/npm'))
  await symlink('../lib/node_modules/npm/bin/npx-cli.js', join(root, 'usr/bin/npx'))
}

const realPath = async (program: string) => (await execa('sh', ['-c', `readlink -f "$(command -v ${program})"`])).stdout

/** User-mode networking forwards DNS; when npm asks many at once some are lost, and the resolver would wait 5 s. */
export const userModeNames = 'nameserver 10.0.2.3\noptions timeout:1 attempts:10\n'

/** For a machine simulated with namespaces on this kernel. */
export async function equipForNamespaces(root: string): Promise<void> {
  const unit = (name: string) => join(root, 'etc/systemd/system', name)
  // It has no terminal for a console.
  await symlink('/dev/null', unit('console-getty.service'))
  // Only the interfaces are its own devices; networkd waits for udev to know them.
  await mkdir(unit('systemd-udev-trigger.service.d'))
  const only = '[Service]\nExecStart=\nExecStart=udevadm trigger --action=add --subsystem-match=net\n'
  await writeFile(unit('systemd-udev-trigger.service.d/interfaces.conf'), only)
  // Containers that libvirt registers with machined fail with cgroups v1.
  if (existsSync('/sys/fs/cgroup/cpu')) {
    await mkdir(join(root, 'etc/dpkg/dpkg.cfg.d'), { recursive: true })
    const activation = '/usr/share/dbus-1/system-services/org.freedesktop.machine1.service'
    await writeFile(join(root, 'etc/dpkg/dpkg.cfg.d/no-machined'), `path-exclude=${activation}\n`)
  }
  await execa('rm', ['-f', join(root, 'etc/resolv.conf')])
  await writeFile(join(root, 'etc/resolv.conf'), userModeNames)
}

/** What is the same on every machine and slow to make: the node image, the providers, Terraform, npm's cache. */
export async function seed(root: string): Promise<void> {
  const { stdout: npmCache } = await execa('npm', ['config', 'get', 'cache'])
  const home = process.env['HOME'] ?? '/root'
  // Other checkouts may have left other images beside it.
  const image = join('var/cache/duostack/images', nodeImageDigest())
  await carry(join('/', image), join(root, image))
  await carry('/var/cache/duostack/apt', join(root, 'var/cache/duostack/apt'))
  for (const user of ['root', 'home/dev']) {
    await carry(join(home, '.cache/duostack/providers'), join(root, user, '.cache/duostack/providers'))
    await carry(join(npmCache, '_cacache'), join(root, user, '.npm/_cacache'))
  }
  const terraform = await realPath('terraform')
  if (terraform) await carry(terraform, join(root, 'usr/local/bin/terraform'))
}

async function carry(from: string, to: string): Promise<void> {
  if (!existsSync(from)) return
  // As the lab itself creates these folders, whatever umask the tests run with.
  await execa('install', ['-d', '-m', '0755', dirname(to)])
  await execa('cp', ['-a', '--reflink=auto', from, to])
}
