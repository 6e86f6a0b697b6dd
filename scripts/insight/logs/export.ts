/** One archive for a bug report: logs, configuration and facts of every node and of this machine, secrets masked. */

import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isExpected } from '../../declaration/errors.ts'
import type { Lab, LabNode } from '../../declaration/lab.ts'
import { loadSecrets } from '../../declaration/secrets.ts'
import { filesOn } from '../../engine/service.ts'
import { consoleLog } from '../../libvirt/console-log.ts'
import { libvirtdPaths } from '../../run/paths.ts'
import { runOnHost } from '../../run/process.ts'
import { sshHost } from '../../run/ssh.ts'
import { scaled, timeouts } from '../../run/timeouts.ts'
import { enabledServices, serviceOf } from '../../services/index.ts'
import { shellQuote } from '../../terminal/shell-quote.ts'
import { addDeclaration, writeArchive } from '../archive.ts'

/** What someone who helps would ask for first. */
const facts = [
  'date -u',
  'uptime',
  'systemctl --no-pager --failed',
  'free -m',
  'df -h',
  'ip -br address',
  'ip -br link',
  'ip route',
  'ip netns list',
  'bridge link',
  'ss -ltnp',
  'iptables-save',
  'ps -eo pid,ppid,user,rss,etime,args --sort=-rss',
  'dpkg -l',
]

/** All text below /var/log, the files that the lab writes, the journal, and the facts. */
function nodeScript(configuration: readonly string[]): string {
  return `
set +eu +o pipefail
work=$(mktemp -d); trap 'rm -rf -- "$work"' EXIT; cd "$work"
find /var/log -type f \\( -name '*.log' -o -name '*.log.1' \\) -size -20M -exec cp --parents -p {} . \\;
cp --parents -p ${configuration.map(shellQuote).join(' ')} . 2>/dev/null
journalctl --no-pager -q -o short-iso-precise >journal.txt 2>&1
for command in ${facts.map(shellQuote).join(' ')}; do
  printf '$ %s\\n' "$command"; timeout 20 bash -c "$command" 2>&1; echo
done >facts.txt
tar -czf - . | base64 -w0`
}

/** Files that the lab writes on this node, except those that contain only a secret. */
function configurationOf(lab: Lab, node: LabNode): string[] {
  const secrets = loadSecrets(lab.root)
  const values = Object.values<string>(secrets)
  const files = enabledServices(lab).flatMap((name) =>
    serviceOf(lab, secrets, name)
      .parts.filter(({ on }) => on === 'all' || node.roles.includes(on))
      .flatMap((part) => filesOn(part, node.name)),
  )
  const shown = files.filter(({ directory, content }) => !directory && !values.includes(String(content).trim()))
  return [...new Set(shown.map(({ path }) => path))]
}

/** For a node that does not answer, a file says so: the rest is still worth sending. */
async function collectNode(lab: Lab, node: LabNode, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  try {
    const archive = await sshHost(lab, node).run(nodeScript(configurationOf(lab, node)), {
      step: `collect the logs of ${node.name}`,
      timeoutSeconds: scaled(lab, timeouts.nodes.archive),
    })
    const file = join(folder, '.collected.tar.gz')
    await writeFile(file, Buffer.from(archive, 'base64'), { mode: 0o600 })
    await runOnHost('tar', ['-xzf', file, '-C', folder, '--no-same-owner', '--no-same-permissions'], {
      step: `unpack the logs of ${node.name}`,
    })
    await rm(file)
  } catch (error) {
    if (!isExpected(error)) throw error
    await writeFile(join(folder, 'NOT-COLLECTED.txt'), `${error.message}\n`)
  }
}

/** What this machine knows: the declaration without secrets, the identity, libvirt's own logs. */
async function collectHost(lab: Lab, folder: string, documents: Readonly<Record<string, string>>): Promise<void> {
  await addDeclaration(lab, folder, documents)
  const logs = [`${libvirtdPaths(lab).log}/*.log`, `${libvirtdPaths(lab).log}/*/*.log`, dirname(consoleLog(lab, 'any'))]
  const { stdout } = await runOnHost('bash', ['-s'], {
    step: "collect libvirt's logs",
    root: true,
    input: `shopt -s nullglob
for file in ${logs.slice(0, 2).join(' ')} ${shellQuote(logs[2]!)}/*.log; do printf '==> %s\\n' "$file"; tail -c 2000000 -- "$file"; echo; done\n`,
    timeoutSeconds: timeouts.machine.command.seconds,
  })
  await writeFile(join(folder, 'libvirt-and-consoles.txt'), stdout)
}

export interface Export {
  /** Called with the archive. */
  write: (archive: Uint8Array) => void
  /** Additional files of this machine: name -> text. */
  documents: Readonly<Record<string, string>>
}

/** Nothing is written before the archive is complete and masked. */
export async function exportLogs(lab: Lab, { write, documents }: Export): Promise<void> {
  const fill = async (folder: string) => {
    await Promise.all([
      ...lab.nodes.map((node) => collectNode(lab, node, join(folder, node.name))),
      collectHost(lab, join(folder, 'host'), documents),
    ])
  }
  await writeArchive(lab, { name: `duostack-${lab.id}`, write, fill })
}
