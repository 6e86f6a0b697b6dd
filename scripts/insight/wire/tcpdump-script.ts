/** What runs on a node to capture: tcpdump, bounded on the node itself. */

import { shellQuote } from '../../terminal/shell-quote.ts'
import type { Place } from './places.ts'

export type Form = 'text' | 'fields' | 'pcap'

export interface CaptureOptions {
  /** Real seconds; then the node ends it. */
  seconds: number
  form: Form
  /** Waits for the interface, for as long as the capture may take. */
  wait: boolean
}

const optionsOf: Readonly<Record<Form, readonly string[]>> = {
  text: ['-l'],
  fields: ['-l', '-e', '-v'],
  pcap: ['-U', '-w', '-'],
}

/** What was there is shown by `ip` itself. */
export const noInterface = 66

/**
 * bash. Its stdin stays open while somebody listens: when it closes, however that one ended, tcpdump is ended, and the
 * packets seen so far are still written. Without a word from there it ends after its time.
 */
export function tcpdumpScript({ device, namespace, filter }: Place, { seconds, form, wait }: CaptureOptions): string {
  const inside = namespace ? `ip netns exec ${shellQuote(namespace)} ` : ''
  const exists = `${inside}ip link show ${device === 'any' ? '' : `dev ${shellQuote(device)}`} >/dev/null`
  const words = ['-i', device, '-n', '--immediate-mode', ...optionsOf[form], ...(filter ? [filter] : [])]
  return `
trap 'exit 0' TERM
exec 3<&0 </dev/null
{ cat <&3 >/dev/null; kill 0; } &
${wait ? `until ${exists} 2>&1; do [ $SECONDS -lt ${seconds} ] || break; sleep 0.2; done` : ''}
export TZ=UTC
code=0
${exists} || code=${noInterface}
[ $code -ne 0 ] || { timeout --foreground -k 5 ${seconds} ${inside}tcpdump ${words.map(shellQuote).join(' ')} || code=$?; }
trap : TERM
kill 0
exit $code`
}
