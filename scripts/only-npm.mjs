/**
 * npm's preinstall script: rejects package managers that ignore package-lock.json, because they would install only half
 * of what is needed.
 */

import { fileURLToPath } from 'node:url'

const [name = '', version = ''] = (process.env.npm_config_user_agent ?? '').split(/[/ ]/)
if (['pnpm', 'yarn', 'bun', 'deno'].includes(name)) {
  console.error(`duostack: package manager: ${name} ${version}
    expected: npm, which alone follows package-lock.json
    hint: cd ${fileURLToPath(new URL('..', import.meta.url))} && npm ci`)
  process.exitCode = 1
}
