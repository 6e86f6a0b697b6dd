/** Repairs: each does what the command shown with the problem does. */

import { openCloud } from '../../cloud/client.ts'
import type { Lab } from '../../declaration/lab.ts'
import { loadSecrets } from '../../declaration/secrets.ts'
import { applyService } from '../../engine/apply.ts'
import { cachedPackages } from '../../image/cached-packages.ts'
import { runOnHost } from '../../run/process.ts'
import { sshHost } from '../../run/ssh.ts'
import { scaled, timeouts } from '../../run/timeouts.ts'
import { serviceOf } from '../../services/index.ts'
import type { Problem } from './diagnose.ts'
import type { Fix } from './rule.ts'

/** In words, for the line that says what was done. */
export function describeFix(fix: Fix): string {
  if ('node' in fix) return `${fix.node}: ${fix.script.split('\n')[0]}`
  if ('service' in fix) return `npx tsx scripts/provision.ts ${fix.service}`
  if ('host' in fix) return `here: ${fix.host}`
  return 'cloud' in fix ? 'a request to the cloud' : 'here: start libvirtd'
}

/** Throws one of the four kinds of error where the repair itself fails. */
export async function repair(lab: Lab, finding: Pick<Problem, 'rule' | 'about'> & { fix: Fix }): Promise<void> {
  const { fix } = finding
  const step = `repair ${finding.rule} of ${finding.about}`
  const timeoutSeconds = scaled(lab, timeouts.nodes.work)
  if ('node' in fix) {
    const node = lab.nodes.find(({ name }) => name === fix.node)!
    await sshHost(lab, node).run(fix.script, { step, timeoutSeconds, paste: fix.script })
  } else if ('service' in fix) {
    const secrets = loadSecrets(lab.root)
    await applyService(serviceOf(lab, secrets, fix.service), { lab, secrets, packageFiles: cachedPackages(lab) })
  } else if ('host' in fix) {
    await runOnHost('bash', ['-s'], { step, input: `set -e\n${fix.host}\n`, root: true, timeoutSeconds })
  } else if ('cloud' in fix) {
    await fix.cloud(await openCloud(lab, loadSecrets(lab.root)))
  } else {
    await fix.work(lab)
  }
}

/** One repair for all problems that share it. */
export function distinctFixes(problems: readonly Problem[]): (Problem & { fix: Fix })[] {
  const withFix = problems.filter((one): one is Problem & { fix: Fix } => one.fix !== undefined)
  const key = ({ fix, rule, about }: Problem) =>
    fix && ('service' in fix || 'node' in fix || 'host' in fix) ? JSON.stringify(fix) : `${rule} ${about}`
  return withFix.filter((one, index) => withFix.findIndex((other) => key(other) === key(one)) === index)
}
