/** What every node needs before any service: its name, the others' names, time, packages, kernel settings. */

import { controllerOf, type Lab } from '../../../declaration/lab.ts'
import { alignClocks, describeLag, lagOf } from '../../../nodes/clock.ts'
import { kindOf } from '../../../nodes/kind-of.ts'
import { terminalProgress } from '../../../run/progress.ts'
import { clockScript, judgeClock } from '../../verify/nodes.ts'
import { rule, type ShellRead } from '../rule.ts'

const hostName: ShellRead = { on: 'all', script: () => 'hostname' }

export const hostNameChanged = rule({
  symptom:
    'RabbitMQ does not start again after a restart, and agents and nova-compute register a second time under a new name',
  cause: "the node's host name was changed; RabbitMQ's data and every agent are registered under the configured name",
  remedy: 'set the configured host name again',
  reads: { hostName },
  judge: ({ hostName: answers }) =>
    answers
      .filter(({ at, text }) => text.trim() !== at)
      .map(({ at, text }) => ({
        about: at,
        evidence: [`${at}: hostname: ${text.trim()}`],
        next: `./lab ssh ${at} 'hostname ${at}; echo ${at} > /etc/hostname'`,
        fix: { node: at, script: `echo ${at} >/etc/hostname\nhostname ${at}` },
      })),
})

const names: ShellRead = {
  on: 'all',
  script: (lab) =>
    lab.nodes
      .map(({ name }) => `echo "${name} $(getent ahostsv4 ${name} | cut -d ' ' -f 1 | sort -u | xargs)"`)
      .join('\n'),
}

export const nameOnLoopback = rule({
  symptom: 'a node connects to itself: agents never appear, RabbitMQ cannot be reached by name',
  cause:
    "the node's /etc/hosts has a wrong address for a node of the lab, usually 127.0.1.1, which cloud-init and installers write",
  remedy: 'write /etc/hosts again, with one address for each name',
  reads: { names },
  judge: ({ names: answers }, { lab }) =>
    answers.flatMap(({ at, text }) => {
      const wrong = lab.nodes.flatMap(({ name, address }) => {
        const found = new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1]
        return found === undefined || found === address
          ? []
          : [`${at}: getent ahostsv4 ${name}: ${found || 'nothing'}; wanted: ${address}`]
      })
      if (wrong.length === 0) return []
      return [
        { about: at, evidence: wrong, next: 'npx tsx scripts/provision.ts base', fix: { service: 'base' as const } },
      ]
    }),
})

const clock: ShellRead = {
  on: 'all',
  script: () => `${clockScript}; echo "active $(systemctl is-active chrony)"`,
}

export const clockAdrift = rule({
  symptom: 'services flap between up and down, tokens are rejected as not yet valid',
  cause:
    "the node's clock is not synchronized, so it drifts away from the controller; two seconds are enough to cause this",
  remedy: 'start chrony again, on the controller first',
  service: 'chrony',
  reads: { clock },
  judge: ({ clock: answers }, { lab }) =>
    answers.flatMap(({ at, text }) => {
      const stopped = !/^active active$/m.test(text)
      const { ok, seen } = judgeClock(lab, at, text.replace(/^active .*$/m, ''))
      // The controller follows nobody; it only has to serve.
      if (at === controllerOf(lab).name ? !stopped : ok && !stopped) return []
      return [
        {
          about: at,
          evidence: [stopped ? `${at}: systemctl is-active chrony: not active` : `${at}: chronyc sources: ${seen}`],
          next: `./lab ssh ${at} systemctl restart chrony`,
          fix: {
            node: at,
            script:
              'systemctl restart chrony\nfor _ in {1..60}; do chronyc -n -c sources | grep -q "^.,\\*," && break; sleep 0.5; done',
          },
          explains: [`unit-down ${at}/chrony`, ...(at === controllerOf(lab).name ? ['clock-adrift'] : [])],
        },
      ]
    }),
})

const nodeSeconds: ShellRead = { on: 'all', script: () => 'date +%s' }
const hostSeconds: ShellRead = { on: 'host', script: () => 'date +%s' }

export const clockBehind = rule({
  symptom: "times in logs and tokens differ from this machine's clock by minutes or hours",
  cause: 'the clock of a virtual machine stopped while this machine was suspended or the node was paused',
  remedy: "set it to this machine's time; every `./lab up` does this",
  when: (lab) => !kindOf(lab).sharesHost,
  reads: { nodeSeconds, hostSeconds },
  judge: ({ nodeSeconds: nodes, hostSeconds: [host] }) =>
    nodes.flatMap(({ at, text }) => {
      const lag = host && lagOf(Number(text), Number(host.text))
      if (lag === undefined) return []
      return [
        {
          about: at,
          evidence: [`${at}: date +%s: ${text.trim()}, ${describeLag(lag)}`],
          next: './lab up',
          // Their signs of life carry that time.
          explains: ['clock-adrift', 'agent-dead', 'compute-down'].map((name) => `${name} ${at}`),
          fix: {
            work: (lab: Lab) =>
              alignClocks(
                lab,
                lab.nodes.filter(({ name }) => name === at),
                terminalProgress(),
              ),
          },
        },
      ]
    }),
})

/** /proc/locks names files by inode; `dpkg --audit` tells what a killed apt left half done. */
const packages: ShellRead = {
  on: 'all',
  script: () => `
for file in /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock; do
  pid=$(awk -v end=":$(stat -c %i $file 2>/dev/null)" 'substr($6, length($6) - length(end) + 1) == end {print $5; exit}' /proc/locks)
  [ -n "$pid" ] && echo "locked $file $pid $(tr '\\0' ' ' <"/proc/$pid/cmdline")"
done
dpkg --audit 2>&1 | grep -E '^ [a-z0-9]' | head -n 3 | sed 's/^/half/'`,
}

export const packagesLocked = rule({
  symptom: '`Could not get lock /var/lib/dpkg/lock-frontend`, or packages that are only half installed',
  cause: 'apt or dpkg is running on the node, or was killed before it finished',
  remedy: 'wait for the process that holds the lock; the next `./lab up` finishes an interrupted installation',
  reads: { packages },
  judge: ({ packages: answers }) =>
    answers.flatMap(({ at, text }) => {
      const [, file, pid, command] = /^locked (\S+) (\d+) (.*)$/m.exec(text) ?? []
      const half = [...text.matchAll(/^half (.*)$/gm)].map(([, line]) => `${at}: dpkg --audit: ${line?.trim()}`)
      const held = file ? [`${at}: ${file} is held by process ${pid}: ${command?.trim().slice(0, 120)}`] : []
      if (!held.length && !half.length) return []
      return [
        {
          about: at,
          evidence: [...held, ...half],
          next: held.length ? `./lab ssh ${at} ps -o pid,etime,args -p ${pid}` : `./lab ssh ${at} dpkg --configure -a`,
        },
      ]
    }),
})

const filters: ShellRead = {
  on: 'all',
  script: () => 'sysctl net.bridge.bridge-nf-call-iptables net.bridge.bridge-nf-call-ip6tables 2>&1',
}

export const bridgeUnfiltered = rule({
  symptom: 'security groups have no effect: all traffic is allowed',
  cause: 'the kernel does not pass bridged frames to iptables (bridge-nf-call-iptables is 0 or missing)',
  remedy: 'set it to 1 again, as /etc/sysctl.d/60-duostack.conf says',
  service: 'neutron',
  reads: { filters },
  judge: ({ filters: answers }) =>
    answers
      .filter(({ text }) => !/iptables = 1$/m.test(text))
      .map(({ at, text }) => ({
        about: at,
        evidence: [`${at}: ${text.trim().split('\n')[0]}`],
        next: 'npx tsx scripts/provision.ts base',
        fix: { service: 'base' as const },
      })),
})
