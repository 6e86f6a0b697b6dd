/** Frames that neither security groups nor anti-spoofing read: whether the rules that hold them back are there. */

import { checkFrames } from '../../../services/neutron-frames.ts'
import { rule, type ShellRead } from '../rule.ts'

const frames: ShellRead = { on: 'all', script: () => checkFrames }

export const framesUnfiltered = rule({
  symptom:
    "an instance can use another's address with frames in VLAN 0, or can enter other VLANs; or no instance can be reached",
  cause: 'the ebtables rules that let only IPv4, ARP, IPv6 and RARP through at the ports are missing or were changed',
  remedy: 'create them again; `./lab up` and a restart of the Linuxbridge agent do this too',
  service: 'neutron',
  reads: { frames },
  judge: ({ frames: answers }) =>
    answers
      .filter(({ text }) => text.trim() !== '')
      .map(({ at, text }) => ({
        about: at,
        evidence: [`${at}: ebtables -t nat -L: ${text.trim().split('\n').join('; ')}`],
        next: 'npx tsx scripts/provision.ts neutron',
        fix: { service: 'neutron' as const },
      })),
})
