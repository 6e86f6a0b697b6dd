/** Turns the output of apt and dpkg into a short note on the progress of the build. */

/** Shows how far a step is; replaces what was shown before. */
export type Note = (detail: string) => void

/** Gives a line handler that counts packages and calls `note` at each step worth showing. */
export function mmdebstrapNotes(note: Note): (line: string) => void {
  let total = 0
  let fetched = 0
  let unpacked = 0
  let configured = 0
  const of = () => (total > 0 ? ` of ${total}` : '')
  return (line) => {
    const newly = /(\d+) newly installed/.exec(line)
    if (newly) total = Number(newly[1])
    // apt prints the packages that it fetches or unpacks for each of its two runs; the counts start anew with the second.
    if (newly) fetched = unpacked = configured = 0
    if (/^Get:\d+ .*\.deb|^Get:\d+ .* amd64 |^Get:\d+ .* all /.test(line)) note(`downloading ${++fetched}${of()}`)
    else if (line.startsWith('Unpacking ')) note(`unpacking ${++unpacked}${of()}`)
    else if (line.startsWith('Setting up ')) note(`setting up ${++configured}${of()}`)
    else if (line.startsWith('phase: ')) note(line.slice('phase: '.length))
  }
}
