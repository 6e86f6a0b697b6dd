/** npm's preinstall: refuses the package managers that do not follow package-lock.json, which would install half of it. */

import { fileURLToPath } from 'node:url'

const [name = '', version = ''] = (process.env.npm_config_user_agent ?? '').split(/[/ ]/)
if (['pnpm', 'yarn', 'bun', 'deno'].includes(name)) {
  console.error(`duostack: package manager: ${name} ${version}
    expected: npm, which alone follows package-lock.json
    hint: cd ${fileURLToPath(new URL('..', import.meta.url))} && npm ci`)
  process.exitCode = 1
}
