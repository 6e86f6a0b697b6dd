/** Collects the traces of a launch: log lines of all nodes, recorded traffic, and rows of the databases. */

import { controllerOf, type Lab } from '../../declaration/lab.ts'
import { sshHost } from '../../run/ssh.ts'
import { scaled, timeouts } from '../../run/timeouts.ts'
import { shellQuote } from '../../terminal/shell-quote.ts'
import type { RecordedFile } from './evidence.ts'
import { proxyTag } from './project-network.ts'
import { type LogPositions, logsOfLaunch, recordingFolder } from './recorder.ts'
import { tables } from './tables.ts'

const fence = '@@duostack'

/** dnsmasq of Neutron's DHCP agent and the metadata proxy of a router write to the journal, with the time in seconds since 1970. */
const journal = (sinceSeconds: number, router?: string) =>
  [['dnsmasq', '-t dnsmasq -t dnsmasq-dhcp'], ...(router ? [['haproxy', `-t ${shellQuote(proxyTag(router))}`]] : [])]
    .map(
      ([name, tags]) =>
        `echo '${fence} journal:${name} 1'; journalctl ${tags} --since=@${Math.floor(sinceSeconds)} -o short-unix --no-pager -q || true`,
    )
    .join('\n')

/** All lines written after the launch began. A log that is new, or was rotated, is read completely. */
export async function collectLaunch(
  lab: Lab,
  id: string,
  positions: LogPositions,
  sinceSeconds: number,
  router?: string,
): Promise<RecordedFile[]> {
  const read = lab.nodes.map(async (node) => {
    const known = positions.get(node.name) ?? new Map()
    const seen = [...known].map(([file, lines]) => `known[${shellQuote(file)}]=${lines}`)
    const script = [
      'shopt -s nullglob',
      'declare -A known',
      ...seen,
      `for file in ${logsOfLaunch.join(' ')} ${recordingFolder(id)}/*.log ${recordingFolder(id)}/summary.json; do`,
      `  first=$(( \${known[$file]:-0} + 1 ))`,
      '  (( first <= $(wc -l <"$file") )) || [[ $file == *.json ]] || continue',
      `  echo "${fence} $file $first"`,
      '  tail -n "+$first" -- "$file"; echo',
      'done',
      journal(sinceSeconds, router),
    ].join('\n')
    const output = await sshHost(lab, node).run(script, {
      step: 'read the logs of the launch',
      timeoutSeconds: scaled(lab, timeouts.nodes.work),
    })
    return parseFiles(node.name, output)
  })
  return (await Promise.all(read)).flat()
}

function parseFiles(node: string, output: string): RecordedFile[] {
  return output
    .split(new RegExp(`^${fence} `, 'm'))
    .slice(1)
    .map((block) => {
      const [head = '', ...lines] = block.split('\n')
      const [file = '', first = '1'] = head.split(' ')
      return { node, file, first: Number(first), lines: lines.slice(0, lines.findLastIndex((line) => line !== '') + 1) }
    })
    .filter(({ lines }) => lines.length > 0)
}

/** The lines of all logs that contain one of these ids: what remains of a launch that was not recorded. */
export async function collectByIds(lab: Lab, ids: readonly string[]): Promise<RecordedFile[]> {
  const patterns = ids.map((id) => `-e ${shellQuote(id)}`).join(' ')
  const read = lab.nodes.map(async (node) => {
    const output = await sshHost(lab, node).run(
      `shopt -s nullglob\nfor file in ${logsOfLaunch.join(' ')}; do\n  echo "${fence} $file 1"\n  grep -nF ${patterns} -- "$file" || true\ndone`,
      { step: 'search the logs for the launch', timeoutSeconds: scaled(lab, timeouts.nodes.work) },
    )
    return parseFiles(node.name, output).map(withNumbers)
  })
  return (await Promise.all(read)).flat()
}

/** `12:text`, as grep prints it, is line 12. */
function withNumbers(file: RecordedFile): RecordedFile {
  const found = file.lines.map((line) => /^(\d+):(.*)$/.exec(line)).filter((match) => match !== null)
  return { ...file, numbers: found.map(([, number]) => Number(number)), lines: found.map(([, , text = '']) => text) }
}

/** What the databases contain about the instance now, one "file" per table; its first line names the columns. */
export async function collectRows(lab: Lab, instance: string): Promise<RecordedFile[]> {
  const node = controllerOf(lab)
  const wanted = Object.entries(tables).filter(([table]) => lab.services.cinder || !table.startsWith('cinder.'))
  const queries = wanted.map(
    ([table, query]) =>
      `echo '${fence} mariadb:${table} 0'; mariadb --batch -e ${shellQuote(query.replaceAll('INSTANCE', `'${instance}'`))}`,
  )
  const output = await sshHost(lab, node).run(queries.join('\n'), {
    step: 'read the rows of the instance',
    timeoutSeconds: scaled(lab, timeouts.nodes.work),
  })
  return parseFiles(node.name, output)
}

/** By how many milliseconds each other node's clock is ahead of the controller's, measured by its chrony. */
export async function readClockOffsets(lab: Lab): Promise<Record<string, number>> {
  const others = lab.nodes.filter((node) => node !== controllerOf(lab))
  const read = others.map(async (node) => {
    const output = await sshHost(lab, node).run('chronyc -c tracking 2>/dev/null || true', {
      step: 'read the clock',
      timeoutSeconds: scaled(lab, timeouts.nodes.query),
    })
    return [node.name, Math.round(Number(output.split(',')[4] ?? 0) * 1000) || 0] as const
  })
  return Object.fromEntries(await Promise.all(read))
}
