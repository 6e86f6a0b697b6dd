/** Frames that neither security groups nor anti-spoofing read: whether the rules that hold them back are there. */

import { checkFrames } from '../../../services/neutron-frames.ts'
import { rule, type ShellRead } from '../rule.ts'

const frames: ShellRead = { on: 'all', script: () => checkFrames }

export const framesUnfiltered = rule({
  symptom:
    "an instance takes another's address by frames in VLAN 0, or gets into other VLANs; or none is reached any more",
  cause: 'the ebtables rules that let nothing but IPv4, ARP, IPv6 and RARP pass at the ports are gone or changed',
  remedy: 'make them again; `./lab up` and a restart of the Linuxbridge agent do so, too',
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
