/**
 * Measures how much slower this lab's nodes are than an ordinary machine. All timeouts are multiplied by this factor.
 */

import type { Hypervisor } from '../declaration/lab.ts'
import { kindOf } from '../nodes/kind-of.ts'
import { runOnHost } from '../run/process.ts'
import { timeouts } from '../run/timeouts.ts'

/** What the deadlines allow for by themselves: a machine three times slower needs no longer ones. */
const tolerated = 4

/** A machine that is slower still fails by its deadlines after hours rather than never. */
const most = 60

/** 1 up to `tolerated`; then the ratio, rounded. Pure. */
export function scaleOf(seconds: number, ordinarySeconds: number): number {
  const ratio = seconds / ordinarySeconds
  return ratio < tolerated ? 1 : Math.min(most, Math.round(ratio))
}

/** What was measured, as far as it concerns this kind of node. Seconds. */
export interface Speeds {
  /** Processor time of a fixed loop of the shell. */
  loop: number
  /** From the first to the last word of the firmware of a guest without a disk; only on KVM. */
  firmware?: number
}

/** On an ordinary machine: 0.04 to 0.1 and less than 0.05. */
const ordinary = { loop: 0.06, firmware: 0.05 }

/** The lab's time scale, fixed at its first `up`. Pure. */
export function timeScaleOf(hypervisor: Hypervisor, { loop, firmware = 0 }: Speeds): number {
  const host = scaleOf(loop, ordinary.loop)
  return Math.min(most, kindOf({ hypervisor }).slowdown * Math.max(host, scaleOf(firmware, ordinary.firmware)))
}

/** Processor time rather than time by the clock: what else runs on this machine does not count. The least of three. */
const loopScript = `TIMEFORMAT=%U
for try in 1 2 3; do time for ((i = 0; i < 50000; i++)); do :; done; done 2>&1`

/** In a guest that is virtualized twice the processor is fast and each access to a device is slow: firmware has both. */
const firmwareScript = `coproc timeout 120 qemu-system-x86_64 -accel kvm -machine pc -nodefaults -display none -m 64 \\
  -chardev stdio,id=words -device isa-debugcon,iobase=0x402,chardev=words </dev/null 2>/dev/null
pid=$COPROC_PID
begin=
while read -r line; do
  [ -n "$begin" ] || begin=$EPOCHREALTIME
  case $line in 'No bootable device'*) break ;; esac
done <&"\${COPROC[0]}"
end=$EPOCHREALTIME
kill "$pid" 2>/dev/null
awk "BEGIN { print $end - \${begin:-$end} }"`

async function measure(script: string, root: boolean): Promise<number> {
  const { stdout } = await runOnHost('bash', ['-s'], {
    step: 'measure the speed of this machine',
    root,
    input: script,
    timeoutSeconds: timeouts.machine.speed.seconds,
    allow: [0, 1],
  })
  const seconds = stdout.split('\n').filter(Boolean).map(Number).filter(Number.isFinite)
  return seconds.length > 0 ? Math.min(...seconds) : 0
}

/** Takes a quarter of a second on an ordinary machine. */
export async function measureTimeScale(hypervisor: Hypervisor): Promise<number> {
  const loop = await measure(loopScript, false)
  return timeScaleOf(hypervisor, {
    loop,
    ...(kindOf({ hypervisor }).usesKvm ? { firmware: await measure(firmwareScript, true) } : {}),
  })
}
