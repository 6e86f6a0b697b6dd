/** A node, in namespaces of its own, on which a stand-in for an agent of Neutron's makes real interfaces. */

import { execa } from 'execa'

/**
 * `world`: bash with `rows`, what Neutron's database says, and a function `agent`, which makes what is missing of it.
 * Instead of a pause, `$meanwhile` is run.
 */
export const agentStage = (unit: string, world: string): string => `
mount -t tmpfs tmpfs /run; mount -t tmpfs tmpfs /var/lib; mkdir -p /run/bin; PATH=/run/bin:$PATH
program() { { echo '#!/bin/bash'; cat; } >/run/bin/$1; chmod +x /run/bin/$1; }
export meanwhile= active=active one=11111111-2222-3333-4444-555555555555 two=22222222-2222-3333-4444-555555555555
${world}
export -f agent
agent
program mariadb <<<'echo "$rows"'
program systemctl <<'end'
case $* in
  'is-active ${unit}') echo $active ;;
  'restart ${unit}') echo restarted; agent ;;
esac
end
program sleep <<<'eval "$meanwhile"'
`

/** A line each: what the check prints after the damage, what the repair prints, what the check prints then, and what `last` prints. */
export async function afterHarm(
  { unless, run }: { unless?: string; run: string },
  { stage, harm, last }: { stage: string; harm: string; last: string },
): Promise<{ lines: string[]; stderr: string }> {
  const looks = `
check() { bash -euo pipefail -c "$unless" </dev/null && echo whole; }
said=$(check | tr '\\n' ' '); repaired=$(bash -euo pipefail -c "$run" </dev/null); meanwhile= active=active
printf '%s\\n' "$said" "$repaired" "$(check)"
${last}`
  const options = { input: `${stage}\n${harm}\n${looks}`, env: { unless, run } }
  const { stdout, stderr } = await execa('timeout', ['50', 'unshare', '--net', '--mount', 'bash', '-s'], options)
  return { lines: stdout.split('\n').map((line) => line.trim()), stderr }
}
