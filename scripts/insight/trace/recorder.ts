/** The recorder on the nodes: started for one launch and stopped after it; it also stops by itself. */

import { readFileSync } from 'node:fs'
import { ports } from '../../declaration/endpoints.ts'
import { controllerOf, isSelfService, type Lab, type LabNode } from '../../declaration/lab.ts'
import { sshHost } from '../../run/ssh.ts'
import { scaled, timeouts } from '../../run/timeouts.ts'
import { shellQuote } from '../../terminal/shell-quote.ts'

const modules = ['record', 'wire', 'protocols', 'amqp', 'processes', 'redact'] as const

/** Which protocol each port on the controller uses. */
const wirePorts: Readonly<Record<number, 'http' | 'memcached' | 'mariadb' | 'amqp'>> = {
  [ports.keystone]: 'http',
  [ports.nova]: 'http',
  [ports.cinder]: 'http',
  [ports.placement]: 'http',
  [ports.glance]: 'http',
  [ports.neutron]: 'http',
  [ports.memcached]: 'memcached',
  [ports.mariadb]: 'mariadb',
  [ports.rabbitmq]: 'amqp',
}

/** Where a recording is stored on a node: readable only by root; the last few are kept. */
export const recordingFolder = (id: string) => `/var/log/duostack/trace-${id}`
const codeFolder = (id: string) => `/run/duostack/trace-${id}`
const unit = (id: string) => `duostack-trace-${id}`

/** Logs of the services that take part in a launch. */
export const logsOfLaunch = [
  ...['keystone', 'glance', 'placement', 'nova', 'neutron', 'cinder'].map((name) => `/var/log/${name}/*.log`),
  '/var/log/libvirt/qemu/*.log',
]

/** Prints `log PATH LINES` for every log as it is now. */
const readPositions = `shopt -s nullglob
for file in ${logsOfLaunch.join(' ')}; do echo "log $file $(wc -l <"$file")"; done`

/**
 * Nothing on the node is reconfigured: a transient unit reads the traffic on the interfaces. It ends at its own
 * deadline, together with its program, even if this host is gone by then.
 */
function startScript(lab: Lab, node: LabNode, id: string, seconds: number, namespace?: string): string {
  const role = node === controllerOf(lab) ? 'server' : 'client'
  // In a self-service lab tunnels are watched too, and where there is one, the router's namespace.
  const watched = isSelfService(lab) ? [shellQuote(namespace ?? 'none')] : []
  const folder = recordingFolder(id)
  const code = codeFolder(id)
  const needed = isSelfService(lab) ? [...modules, 'changes'] : modules
  const write = needed.map((name) => {
    const text = readFileSync(new URL(`node/${name}.py`, import.meta.url), 'utf8')
    return `cat >${code}/${name}.py <<'END OF MODULE'\n${text}END OF MODULE`
  })
  // A process can be looked up only while its connection exists, so this starts before all others.
  const properties = [`RuntimeMaxSec=${seconds}`, `ExecStopPost=/bin/rm -rf ${code}`, 'TimeoutStopSec=20', 'Nice=-15']
  return [
    // A lab that is traced every day must not fill its disk.
    'mkdir -p -m 0700 /var/log/duostack',
    '{ ls -dt /var/log/duostack/trace-* 2>/dev/null || true; } | tail -n +5 | xargs -r rm -rf --',
    `mkdir -m 0700 ${folder}`,
    `mkdir -p -m 0700 ${code}`,
    ...write,
    `systemd-run --quiet --collect --unit=${unit(id)} ${properties.map((one) => `--property=${shellQuote(one)}`).join(' ')} \\`,
    `  /usr/bin/python3 -B ${[`${code}/record.py`, folder, role, shellQuote(JSON.stringify(wirePorts)), ...watched].join(' ')}`,
    `until [ -e ${folder}/ready ]; do`,
    `  systemctl is-active -q ${unit(id)} || { journalctl -u ${unit(id)} -n 20 -o cat --no-pager; exit 1; }`,
    '  sleep 0.1',
    'done',
    readPositions,
  ].join('\n')
}

/** Length of each log at the start, by node: later lines belong to the launch. */
export type LogPositions = ReadonlyMap<string, ReadonlyMap<string, number>>

/** Starts recording on all nodes, for `seconds` at most. Throws CommandError with the recorder's own output. */
export async function startRecorder(lab: Lab, id: string, seconds: number, namespace?: string): Promise<LogPositions> {
  const started = lab.nodes.map(async (node) => {
    const output = await sshHost(lab, node).run(startScript(lab, node, id, seconds, namespace), {
      step: 'start the recorder',
      timeoutSeconds: scaled(lab, timeouts.nodes.archive),
    })
    return [node.name, parsePositions(output)] as const
  })
  return new Map(await Promise.all(started))
}

function parsePositions(output: string): Map<string, number> {
  const found = [...output.matchAll(/^log (\S+) (\d+)$/gm)]
  return new Map(found.map(([, file = '', lines]) => [file, Number(lines)]))
}

/** Stops the recorder on all nodes; a second call does nothing. What it wrote stays on the nodes. */
export async function stopRecorder(lab: Lab, id: string): Promise<void> {
  const script = `systemctl stop ${unit(id)} 2>/dev/null || true`
  const options = { step: 'end the recorder', timeoutSeconds: scaled(lab, timeouts.nodes.archive) }
  await Promise.all(lab.nodes.map((node) => sshHost(lab, node).run(script, options)))
}
