/** What plain commands show of a lab on this machine; shares no code with the removal that it checks. */

import { readdir, readFile } from 'node:fs/promises'
import { execa } from 'execa'

async function lines(file: string, ...args: string[]): Promise<string[]> {
  const { stdout } = await execa(file, args, { reject: false })
  return (stdout ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
}

/** Every current process, as named in /proc. */
export async function readPids(): Promise<string[]> {
  return (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
}

async function processes(): Promise<string[]> {
  const wanted = /^(libvirtd|libvirt_lxc|qemu-system|dnsmasq|virtlogd|ssh$)/
  const found: string[] = []
  for (const pid of await readPids()) {
    const name = (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim()
    if (wanted.test(name)) found.push(`process ${pid} ${name}`)
  }
  return found
}

/** Domains of the system's libvirtd, namespaces, bridges and veths, mounts, processes, cgroups, folders: sorted lines. */
export async function readMachine(): Promise<string[]> {
  const mounts = (await readFile('/proc/mounts', 'utf8'))
    .split('\n')
    .map((line) => line.split(' ').slice(0, 3).join(' '))
  const folders = await readdir('/var/lib/duostack').catch(() => [])
  return [
    ...(await lines('virsh', '-c', 'qemu:///system', 'list', '--all', '--name')).map((name) => `domain ${name}`),
    ...(await lines('virsh', '-c', 'qemu:///system', 'net-list', '--all', '--name')).map((name) => `network ${name}`),
    ...(await lines('virsh', '-c', 'qemu:///system', 'pool-list', '--all', '--name')).map((name) => `pool ${name}`),
    ...(await lines('ip', 'netns', 'list')).map((name) => `namespace ${name.split(' ')[0]}`),
    ...(await lines('ip', '-br', 'link')).map((link) => `link ${link.split(/\s+/)[0]}`),
    ...mounts.filter((mount) => /duostack|libvirt|overlay/.test(mount)).map((mount) => `mount ${mount}`),
    ...(await lines('find', '/sys/fs/cgroup', '-maxdepth', '2', '-name', '*duostack*', '-type', 'd')).map(
      (path) => `cgroup ${path}`,
    ),
    ...folders.map((name) => `folder /var/lib/duostack/${name}`),
    ...(await processes()),
  ].sort()
}

/** The lists of packages that apt has fetched. */
export const readPackageLists = () =>
  lines('apt-get', 'indextargets', '--format', '$(ORIGIN) $(RELEASE) $(COMPONENT) $(CREATED_BY)')
