/** Makes the way to an instance worse for a time: queueing disciplines on its tap, held by a unit of its node. */

import { LabError } from '../../declaration/errors.ts'
import type { Lab } from '../../declaration/lab.ts'
import { describeUnit, impairUnit } from '../../health/checks/impaired.ts'
import { kindOf } from '../../nodes/kind-of.ts'
import type { Host } from '../../run/host.ts'
import { scaled, timeouts } from '../../run/timeouts.ts'
import { shellQuote } from '../../terminal/shell-quote.ts'
import type { FoundPlace } from './find-place.ts'

export interface Impairment {
  /** Bits per second. */
  rate?: number
  delayMs?: number
  lossPercent?: number
}

/** `rate 1000kbit, delay 100ms, loss 10%` */
export function nameImpairment({ rate, delayMs, lossPercent }: Impairment): string {
  const words = [
    ...(rate ? [`rate ${rate / 1000}kbit`] : []),
    ...(delayMs ? [`delay ${delayMs}ms`] : []),
    ...(lossPercent ? [`loss ${lossPercent}%`] : []),
  ]
  return words.join(', ')
}

/** What `tc qdisc replace dev TAP` is given, in this order. netem needs no percent sign, which systemd would take for its own. */
export function disciplines({ rate, delayMs, lossPercent }: Impairment): string[] {
  const worse = [...(delayMs ? [`delay ${delayMs}ms`] : []), ...(lossPercent ? [`loss ${lossPercent}`] : [])]
  // It holds what is on its way: whole packets of 10 Gbit/s for the delay would be more than anyone has.
  const netem = worse.length ? [`root handle 1: netem limit 10000 ${worse.join(' ')}`] : []
  if (!rate) return netem
  // At least what arrives between two ticks of the kernel's clock.
  const burst = Math.max(5000, Math.ceil(rate / 8 / 250))
  const at = netem.length ? 'parent 1:1 handle 10:' : 'root handle 1:'
  return [...netem, `${at} tbf rate ${rate}bit burst ${burst} latency 400ms`]
}

/** Prints what the node's kernel lacks. A network namespace of its own is tried in, so nothing of the node is touched. */
export function probeScript(impairment: Impairment): string {
  const tries = disciplines(impairment).map((words) => {
    const [, kind = ''] = / (netem|tbf) /.exec(words) ?? []
    const alone = words.replace('parent 1:1 handle 10:', 'root handle 1:')
    return `unshare -n tc qdisc add dev lo ${alone} 2>/dev/null || echo lacks ${kind}`
  })
  return tries.join('\n')
}

/** One unit begins it, waits, and undoes it: whatever becomes of who asked for it. One that is there is replaced. */
export function impairScript({ server, place }: FoundPlace, impairment: Impairment, seconds: number): string {
  const unit = impairUnit(server.id)
  const on = (words: string) => `/sbin/tc qdisc ${words}`
  const device = `dev ${place.device}`
  const properties = [
    'Type=exec',
    ...disciplines(impairment).map((words) => `ExecStartPre=${on(`replace ${device} ${words}`)}`),
    `ExecStopPost=-${on(`del ${device} root`)}`,
  ]
  const description = describeUnit(server.id, `$(($(date +%s) + ${seconds}))`, nameImpairment(impairment))
  return `
systemctl stop ${unit} 2>/dev/null || true
ip link show dev ${shellQuote(place.device)} >/dev/null
systemd-run --quiet --collect --unit=${unit} --description="${description}" ${properties.map((one) => `--property=${shellQuote(one)}`).join(' ')} /bin/sleep ${seconds} ||
  { journalctl -q -u ${unit} -n 5 -o cat --no-pager; exit 1; }`
}

/** Throws LabError if the kernel of the node lacks something; then nothing was touched. */
export async function impair(
  lab: Lab,
  host: Host,
  found: FoundPlace,
  impairment: Impairment,
  seconds: number,
): Promise<void> {
  const options = {
    step: `impair the network of ${found.server.name}`,
    timeoutSeconds: scaled(lab, timeouts.nodes.answer),
  }
  const lacking = await host.run(probeScript(impairment), options)
  const [, kind] = /^lacks (\w+)$/m.exec(lacking) ?? []
  if (kind) throw new LabError([lacks(lab, found.place.node, kind)])
  await host.run(impairScript(found, impairment, seconds), options)
}

function lacks(lab: Lab, node: string, kind: string) {
  const whose = kindOf(lab).sharesHost ? `this machine's kernel, which ${node} shares,` : `the kernel of ${node}`
  return {
    where: './lab impair',
    given: `${whose} has no ${kind} (sch_${kind}); nothing was changed`,
    allowed: kind === 'netem' ? '--rate alone, or a kernel with netem' : `a kernel with ${kind}`,
  }
}

/** Safe to repeat. */
export async function endImpairment(lab: Lab, host: Host, { server }: FoundPlace): Promise<void> {
  const options = { step: `end the impairment of ${server.name}`, timeoutSeconds: scaled(lab, timeouts.nodes.answer) }
  await host.run(`systemctl stop ${impairUnit(server.id)} 2>/dev/null || true`, options)
}
