/**
 * Makes the literal `npx cdktf deploy`, `diff` and `destroy` do the same job as `./lab`: the machine is prepared first,
 * and cdktf runs where the lab can be reached. npm loads this file into every Node program that it starts here; for all
 * other programs it does nothing, and it needs no node modules.
 */
'use strict'

// It came by these; the programs that this one starts, and the lab's provisioners, are to be left alone.
delete process.env.NODE_OPTIONS

const { existsSync } = require('node:fs')
const { basename, join } = require('node:path')

const [, program = '', verb = '', ...options] = process.argv
const isCdktf = ['cdktf', 'cdktf.js'].includes(basename(program))
const isLabVerb = ['deploy', 'apply', 'diff', 'plan', 'destroy'].includes(verb)
const asksForHelp = options.some((option) => ['-h', '--help', '--version'].includes(option))
const isOurs = isCdktf && (isLabVerb || verb === 'synth') && !asksForHelp && process.cwd() === __dirname

if (isCdktf && process.cwd() === __dirname) require('./scripts/environment.cjs')

// npm left them out (ignore-scripts) or made a copy without them (install-links). cdktf looks before it starts our app, and
// would have them made by `cdktf get`, which asks the Terraform registry.
const bindings = join(__dirname, 'node_modules/@cdktf/provider-libvirt/gen/provider')
if (isOurs && existsSync(join(__dirname, 'node_modules/cdktf-cli')) && !existsSync(bindings)) {
  console.error("The providers' bindings are missing, as npm ran without its scripts: they are made now.")
  const program = join(__dirname, 'terraform-providers/generate-bindings.mjs')
  const { status } = require('node:child_process').spawnSync(process.execPath, [program], { stdio: 'inherit' })
  if (status !== 0) {
    console.error(`The bindings cannot be made.\n    hint: cd ${__dirname} && rm -rf node_modules && ./lab version`)
    process.exit(1)
  }
}

/** In place of cdktf's own start: who loads this file waits for what it exports, and this process ends before. */
function startRunner() {
  const { spawn } = require('node:child_process')
  const [runner, program] = ['scripts/run.mjs', 'scripts/host/cdktf.ts'].map((file) => join(__dirname, file))
  const child = spawn(process.execPath, [runner, program, ...process.argv.slice(1)], { stdio: 'inherit' })
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  // Ctrl-C reaches the child from the terminal; without one it comes to us alone.
  process.on('SIGINT', () => process.stdin.isTTY || process.stderr.isTTY || child.kill('SIGINT'))
  return new Promise(() => {
    child.on('exit', (code, signal) => {
      process.exit(code ?? 128 + (require('node:os').constants.signals[signal] ?? 0))
    })
  })
}

module.exports = isOurs && isLabVerb && !process.env.DUOSTACK_PREPARED ? startRunner() : undefined
