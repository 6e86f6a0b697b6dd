/**
 * What the launcher runs to install the node modules: `npm ci`, regardless of this user's npm settings, then our own
 * two programs. Needs no node modules. The packages' install scripts are not run; none of them is needed.
 */

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { npmEnvironment } from './npm-environment.mjs'

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '')

/** sh drops variables with names that it cannot have, such as `npm_config_//host/:_authToken`; its own start knew them. */
function environmentOfCaller() {
  try {
    const rows = readFileSync(`/proc/${process.ppid}/environ`, 'utf8').split('\0')
    const odd = rows.map((row) => /^(npm_config_[^=]*\W[^=]*)=(.*)$/is.exec(row)).filter(Boolean)
    return { ...Object.fromEntries(odd.map(([, name, value]) => [name, value])), ...process.env }
  } catch {
    return process.env
  }
}

function run(program, args, env) {
  const { status, signal, error } = spawnSync(program, args, { cwd: root, env, stdio: ['ignore', 2, 2] })
  if (status === 0) return
  if (signal === 'SIGINT' || signal === 'SIGTERM') process.exit(130)
  const what = [program === process.execPath ? 'node' : program, ...args].join(' ')
  // npm may belong to another Node.js than ours.
  const npm = spawnSync('sh', ['-c', 'command -v npm; npm --version'], { env, encoding: 'utf8' }).stdout.trim()
  console.error(`lab: ${what}: ${error?.message ?? `exit code ${status ?? signal}`}
    by: Node.js ${process.version} (${process.execPath}), npm ${npm.split('\n').reverse().join(' at ')}
    hint: mend what stands above, then run the same again`)
  process.exit(status || 1)
}

const env = npmEnvironment(environmentOfCaller(), root)
// Against the user's .npmrc these stand here, as a global installation reads no .npmrc of a project; the rest stands in ours.
const settings = ['--global=false', '--location=project', '--ignore-scripts', '--allow-directory=root']
run('npm', ['ci', ...settings, '--no-audit', '--no-fund', '--loglevel=error'], env)
for (const program of ['terraform-providers/generate-bindings.mjs', 'scripts/translate.mjs']) {
  run(process.execPath, [program], env)
}
