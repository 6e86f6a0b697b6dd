/** What this machine's own kernel and firewall do to the nodes, and to frames between them. */

import type { Lab } from '../../../declaration/lab.ts'
import { countInotify, parseInotify, raiseInotify } from '../../../host/inotify.ts'
import { ensureKernelModules } from '../../../host/kernel-modules.ts'
import { commentOf, ensureBridgeAccept } from '../../../libvirt/bridge-accept.ts'
import { kindOf } from '../../../nodes/kind-of.ts'
import { rootPrefixInShell } from '../../../run/process.ts'
import { terminalProgress } from '../../../run/progress.ts'
import { shellQuote } from '../../../terminal/shell-quote.ts'
import { labBridges } from '../reads/links.ts'
import { rule, type ShellRead } from '../rule.ts'

const modules: ShellRead = {
  on: 'host',
  script: () => '[ -d /proc/sys/net/bridge ] && echo br_netfilter; echo looked',
}

export const bridgeModuleMissing = rule({
  symptom: 'applying the service `base` fails, or security groups have no effect on any node',
  cause: 'the kernel module br_netfilter is not loaded on this machine, and a container node cannot load it',
  remedy: 'load it; every `./lab up` does this, for example after a reboot of this machine',
  when: (lab) => kindOf(lab).sharesHost,
  reads: { modules },
  judge: ({ modules: [answer] }) =>
    answer && !answer.text.includes('br_netfilter')
      ? [
          {
            about: 'host',
            evidence: ['there is no /proc/sys/net/bridge on this machine'],
            next: 'sudo modprobe br_netfilter',
            fix: { work: (lab: Lab) => ensureKernelModules(lab, terminalProgress()) },
            explains: ['bridge-unfiltered'],
          },
        ]
      : [],
})

/** With so few, the next unit, session or dnsmasq may be the one that gets none. */
const fewWatches = 8

const watches: ShellRead = {
  on: 'host',
  script: () => `${rootPrefixInShell()}bash -c ${shellQuote(countInotify)}`,
}

export const inotifyUsedUp = rule({
  symptom: 'units on the nodes fail with "Too many open files", and a node boots only partly',
  cause: 'root on this machine has used up its inotify instances; each systemd and dnsmasq needs some',
  remedy: 'raise fs.inotify.max_user_instances on this machine',
  when: (lab) => kindOf(lab).sharesHost,
  reads: { watches },
  judge: ({ watches: [answer] }) => {
    const inotify = parseInotify(answer?.text ?? '')
    if (!inotify || inotify.free >= fewWatches) return []
    const evidence = [`host: fs.inotify.max_user_instances = ${inotify.limit}, ${inotify.free} of them left for root`]
    return [{ about: 'host', evidence, next: raiseInotify }]
  },
})

const forwarding: ShellRead = {
  on: 'host',
  script: () =>
    `grep -qsx 1 /proc/sys/net/bridge/bridge-nf-call-iptables && echo filtered\n${rootPrefixInShell()}iptables -w -S FORWARD 2>&1`,
}

/** The first rule or policy that drops every frame of the bridge; undefined if they pass. From \`iptables -S FORWARD\`. Pure. */
function findDrop(text: string, bridge: string, id: string): string | undefined {
  const lines = text.split('\n').map((line) => line.trim())
  for (const line of lines.filter((one) => one.startsWith('-A FORWARD '))) {
    // libvirt lets its own bridges through; what comes later is not asked any more.
    if (line.endsWith('-j LIBVIRT_FWX') || (line.includes(` ${bridge} `) && line.includes(commentOf(id))))
      return undefined
    const matches = line
      .replace('-A FORWARD ', '')
      .replace(/-j (DROP|REJECT).*/, '')
      .replaceAll(`-i ${bridge}`, '')
      .replaceAll(`-o ${bridge}`, '')
    if (/ -j (DROP|REJECT)\b/.test(line) && matches.trim() === '') return line
  }
  return lines.find((line) => line === '-P FORWARD DROP')
}

export const bridgeFiltered = rule({
  symptom: 'this machine can reach every node, but the nodes cannot reach each other or instances on other nodes',
  cause: "this machine's firewall filters the frames between the nodes and drops them, as Docker's or ufw's rules do",
  remedy:
    "insert an accept rule for the lab's bridges as the first rule; `./lab up` does this, `./lab down` removes it",
  reads: { forwarding },
  judge: ({ forwarding: [answer] }, { lab }) => {
    if (!answer || !/^filtered$/m.test(answer.text)) return []
    return labBridges(lab).flatMap(({ bridge }) => {
      const drop = findDrop(answer.text, bridge, lab.id)
      if (!drop) return []
      return [
        {
          about: bridge,
          evidence: [`net.bridge.bridge-nf-call-iptables = 1; iptables -S FORWARD: ${drop}`],
          next: `./lab exec -- sudo iptables -I FORWARD -i ${bridge} -o ${bridge} -m comment --comment ${commentOf(lab.id)} -j ACCEPT`,
          fix: { work: (lab: Lab) => ensureBridgeAccept(lab) },
        },
      ]
    })
  },
})
