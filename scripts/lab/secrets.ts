/** `./lab secrets rotate [NAME…]`: new passwords and keys, in the file and in every service that uses them. */

import { defineCommand } from 'citty'
import { type Finding, UsageError } from '../declaration/errors.ts'
import { expectNoExercise } from '../declaration/expect-no-exercise.ts'
import { readIdentity } from '../declaration/identity.ts'
import { nearestTo } from '../declaration/nearest.ts'
import { dataKeys, type SecretName, secretNames } from '../declaration/secret-names.ts'
import { rotateSecrets } from '../declaration/secrets.ts'
import { withLock } from '../run/lock.ts'
import { beVerbose } from '../run/progress/trace.ts'
import { tell } from '../terminal/print.ts'
import { checkout } from './checkout.ts'
import { up } from './up.ts'

const rotatable = secretNames.filter((name) => !dataKeys.includes(name))
const isRotatable = (name: string): name is SecretName => rotatable.includes(name as SecretName)

/** Of the names that were given; none means all that can be rotated. */
function chosenNames(given: readonly string[]): readonly SecretName[] {
  const findings = given
    .filter((name) => !isRotatable(name))
    .map((name): Finding => {
      const near = nearestTo(name, rotatable)
      const remedy = dataKeys.includes(name as SecretName)
        ? 'stored data is encrypted with it and would be lost; only a new lab gets another one'
        : near
          ? `did you mean ${near}?`
          : 'without a name, all of them are rotated'
      return { where: './lab secrets rotate', given: name, allowed: rotatable.join(', '), remedy }
    })
  if (findings.length > 0) throw new UsageError(findings)
  return given.length > 0 ? given.filter(isRotatable) : rotatable
}

/** Killed after the file was written, the next `up` goes on: what a node has of the old ones is drift to it. */
async function rotate(names: readonly SecretName[]): Promise<number> {
  expectNoExercise(checkout, 'secrets rotate')
  rotateSecrets(checkout, names)
  tell(`secrets: new values in ansible-vars/secrets.yml: ${names.join(', ')}`)
  if (names === rotatable) tell(`secrets: kept, because stored data is encrypted with it: ${dataKeys.join(', ')}`)
  if (readIdentity(checkout)) return up({})
  tell('secrets: there is no lab here yet; the next ./lab up uses them')
  return 0
}

export default defineCommand({
  meta: {
    name: 'secrets',
    description:
      'Replaces values in ansible-vars/secrets.yml and applies them to the lab, as `up` does: the users in MariaDB, RabbitMQ and Keystone get the new passwords, and everything that used the old ones is restarted.',
  },
  args: {
    action: { type: 'positional', required: true, description: 'rotate' },
    name: {
      type: 'positional',
      required: false,
      description: 'name of a secret, as in secrets.yml; default: all but keys of stored data',
    },
    verbose: { type: 'boolean', description: 'show every command that runs, here and on the nodes' },
  },
  async run({ args }) {
    if (args.verbose) beVerbose()
    const names = chosenNames(args._.slice(1))
    process.exitCode = await withLock(checkout, () => rotate(names))
  },
})
