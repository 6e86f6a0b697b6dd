/** Where commands run: on a node over ssh, or on this machine. Tests provide their own. */

export interface RunOptions {
  /** What is being done, for the error: `glance: file /etc/glance/glance-api.conf`. */
  step: string
  /** In real seconds (already scaled); the command on the node is ended too. */
  timeoutSeconds?: number
  /** A command for the node that can be pasted if this fails; without secrets. Default: only the ssh command. */
  paste?: string
  /** Called with each line of output as it arrives. */
  onLine?: (line: string) => void
}

/** A node is a command runner. */
export interface Host {
  name: string
  /**
   * Runs a bash script with `set -euo pipefail`, its text over stdin (never in argv), its own stdin empty.
   * Gives stdout. Throws ConnectError if ssh itself failed (exit 255), CommandError for any other exit code.
   */
  run(script: string, options: RunOptions): Promise<string>
  /** A line that runs the command there when pasted into a shell on this host; default `ssh NAME COMMAND`. */
  paste?(command: string): string
}
