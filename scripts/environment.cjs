/**
 * The environment of all our programs: the user's, without settings that would point them to another cloud or change
 * how they work. These are removed from this process's environment as soon as this file is loaded, before anything
 * else, so that no child process inherits them. Needs no node modules.
 */
'use strict'

const { dirname } = require('node:path')
const { accessSync, constants, statSync } = require('node:fs')

/** `*` stands for the rest of a name. LD_PRELOAD stays: who sets it (a fake clock, another malloc) means every program. */
const foreign = [
  {
    names: ['OS_*'],
    // Which of the lab's own clouds; any other name is ignored where it is read.
    except: ['OS_CLOUD'],
    why: "the openrc of another cloud: OpenStack's clients and Terraform's provider would use that cloud",
  },
  {
    names: ['TF_*'],
    // The way to the registry stays the user's.
    except: ['TF_CLI_CONFIG_FILE', 'TF_TOKEN_*'],
    why: 'another Terraform project: its workspace, data folder, arguments and variables, and logs that contain secrets',
  },
  { names: ['LIBVIRT_*', 'VIRSH_*'], why: 'another libvirtd, or debug output mixed into what the lab reads' },
  {
    names: ['NODE_OPTIONS', 'NODE_PATH', 'NODE_ENV', 'NODE_USE_ENV_PROXY'],
    why: "other modules in the lab's programs, a debugger that they wait for, or requests to the lab's addresses through a proxy",
  },
  { names: ['PYTHON*'], why: "OpenStack's client would load the modules of another Python" },
  { names: ['PERL5LIB', 'PERL5OPT', 'PERLLIB'], why: 'mmdebstrap is written in Perl and would load other modules' },
  {
    names: ['LD_LIBRARY_PATH', 'LD_AUDIT'],
    why: "the system's programs would load the libraries of another environment (conda, ROS)",
  },
  {
    names: ['GOFLAGS', 'GOOS', 'GOARCH', 'GO111MODULE', 'GOWORK', 'GOEXPERIMENT', 'CGO_*'],
    why: "Terraform's providers would be built from other sources or for another machine",
  },
  {
    names: ['BASH_*', 'ENV', 'SHELLOPTS', 'BASHOPTS', 'PS4', 'CDPATH', 'GLOBIGNORE', 'POSIXLY_CORRECT'],
    why: "the lab's shell scripts would behave differently, or print their commands, including passwords",
  },
  { names: ['GREP_OPTIONS', 'TAR_OPTIONS'], why: 'options that no one intended' },
]

const isOneOf = (name, patterns = []) =>
  patterns.some((pattern) => (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern))

const isForeign = (name) => foreign.some(({ names, except }) => isOneOf(name, names) && !isOneOf(name, except))

/** One that is no folder, or nobody's to write to, ends every program that needs a temporary file. */
function isUsable(folder) {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
    return statSync(folder).isDirectory()
  } catch {
    return false
  }
}

/** Takes out of `environment` what is foreign. */
function cleanEnvironment(environment = process.env) {
  for (const name of Object.keys(environment).filter(isForeign)) delete environment[name]
  if (environment.TMPDIR !== undefined && !isUsable(environment.TMPDIR)) delete environment.TMPDIR
}

/**
 * What a checkout's path must not have: Node.js finds no module below a backslash, ssh and Terraform take the brackets for
 * the beginning of an expression. Undefined if it has none of them.
 */
const wrongInPath = (path) => ['\\', '\n', '${', '%{'].find((text) => path.includes(text))

cleanEnvironment()
const root = dirname(__dirname)
const wrong = wrongInPath(root)
if (wrong) {
  console.error(`${JSON.stringify(root)}: the path of this checkout has ${JSON.stringify(wrong)}
    expected: one without backslash, line break, "\${" and "%{"
    hint: move the checkout to another folder`)
  process.exit(1)
}

module.exports = { foreign, wrongInPath }
