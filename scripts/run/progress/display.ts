/** The interface of a display of steps, live or plain. */

export type Outcome = 'done' | 'failed' | 'stopped'

/** A step that has begun. */
export interface Running {
  /** Replaces the detail of its line; `3 of 12` in it becomes a bar. */
  note(detail: string): void
  /** `title` replaces the one that it began with. */
  end(outcome: Outcome, title?: string): void
}

/** Where steps are shown. There is one for each process and stream, so that nobody writes over another's lines. */
export interface Display {
  begin(title: string): Running
  line(text: string): void
  /** Steps that cannot begin yet, each with what it waits for; replaces what was said before. */
  waiting(lines: readonly string[]): void
}
