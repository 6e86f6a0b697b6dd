/** What Ctrl-C does in the commands that change the lab or write much, and what it says is safe to do next. */

import { stopInOrder, stoppedExitCode } from '../run/progress/stop.ts'
import { terminalProgress } from '../run/progress.ts'

/** A command that changes the lab. */
type Verb = 'up' | 'down' | 'save' | 'restore' | 'export' | 'import' | 'bundle' | 'trace' | 'tempest'

const next: Record<Verb, string> = {
  up: 'What was done stays done. Safe to do next:\n  ./lab up      continues from here\n  ./lab status  shows what is running\n  ./lab down    removes the lab',
  save: 'The lab is as it was; its nodes may be off. Safe to do next:\n  ./lab start   starts the nodes\n  ./lab saves   lists the saves that are whole',
  restore:
    'The lab is the restored one or as it was before, its nodes may be off. Safe to do next:\n  ./lab up      continues from here\n  ./lab restore NAME',
  export: 'The lab is untouched. Safe to do next:\n  ./lab export NAME FILE  begins anew',
  bundle: 'The lab is untouched. Safe to do next:\n  ./lab bundle FILE  begins anew',
  import: 'Nothing is imported yet. Safe to do next:\n  ./lab import FILE  begins anew',
  trace:
    'What the launch created is removed again; after a second Ctrl-C, the next ./lab up removes it. Safe to do next:\n  ./lab trace --launch',
  tempest:
    'What the tests created is removed again; after a second Ctrl-C it stays. Safe to do next:\n  ./lab tempest --cleanup',
  down: 'What was removed stays removed. Safe to do next:\n  ./lab down    continues from here',
}

export const isStoppable = (word = ''): word is Verb => Object.hasOwn(next, word)

/** The end of a command that was stopped in order. */
export function describeStopped(verb: Verb): string {
  return `${verb}: stopped, as you asked. ${next[verb]}`
}

/**
 * Takes over Ctrl-C for this process. `inCharge` is false while another process of ours has the terminal and says it
 * all; that one ends on the second press, and this one after it.
 */
export function sayStopping(verb: Verb, inCharge: () => boolean = () => true): void {
  const progress = terminalProgress()
  stopInOrder({
    first() {
      if (inCharge()) progress.line(`${verb}: stopping: no new step starts. Ctrl-C again stops at once`)
    },
    second() {
      if (!inCharge()) return
      progress.line(`${verb}: stopped at once; what was running may be half done. ${next[verb]}`)
      process.exit(stoppedExitCode)
    },
  })
}
