/** Commands of the lab that serve until they are stopped, such as `./lab open`. */

import { execa } from 'execa'
import { type Copy, userSettings } from './copy.ts'

/** Ready when it has printed `mark`. */
export async function serve(copy: Copy, mark: RegExp, ...args: string[]) {
  const child = execa('./lab', args, { ...userSettings(copy.root), stdin: 'ignore' })
  let output = ''
  await new Promise<void>((resolve, reject) => {
    child.all.on('data', (words) => {
      output += words
      if (mark.test(output)) resolve()
    })
    void child.then(({ exitCode }) => reject(new Error(`./lab ${args[0]} ended with ${exitCode}: ${output}`)))
  })
  return { child, output }
}
