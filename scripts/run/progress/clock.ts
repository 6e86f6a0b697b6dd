/**
 * A clock that never steps, for measuring durations; the same for all processes of a run, whatever the wall clock does.
 */

/** What all processes of a run add to the clock that only runs: set by the first, inherited by those that it starts. */
const variable = 'DUOSTACK_CLOCK'

/** Milliseconds since this machine's start, the same in every process. */
const running = () => Number(process.hrtime.bigint() / 1_000_000n)

/** Milliseconds since 1970 by this machine's clock at the start of the run; later steps of that clock are ignored. */
export function steadyNow(): number {
  process.env[variable] ??= String(Date.now() - running())
  return Number(process.env[variable]) + running()
}
