/** Launches that are meant to fail, each for a different reason; the lesson is how far they get. */

import type { Lab } from '../../declaration/lab.ts'
import { scaled, timeouts } from '../../run/timeouts.ts'

export interface Drill {
  /** What is wrong, in one line. */
  what: string
  /** What to learn from where it stops. */
  lesson: string
  /** Replaces the lab's own flavor. */
  flavor?: { vcpus: number; ramMiB: number; diskGiB: number }
  /** Bytes that replace the lab's own image. */
  image?: Uint8Array
  /** A unit on the controller, stopped before the launch and started again after it. */
  stop?: string
  /** A launch that is still building after this many seconds (at native speed) is shown as it is. */
  waitSeconds?: number
}

export const drillNames = ['no-valid-host', 'quota', 'wrong-image', 'dead-dhcp-agent', 'stopped-scheduler'] as const
export type DrillName = (typeof drillNames)[number]

export const drills: Readonly<Record<DrillName, Drill>> = {
  'no-valid-host': {
    what: 'a flavor with a root disk that no compute node has',
    lesson:
      'nova-api has already answered 202 when nova-scheduler finds no host: the instance goes to ERROR, in the database nova_cell0, and no compute node is involved',
    // Nova has no quota for disks, so the scheduler refuses, not the API.
    flavor: { vcpus: 1, ramMiB: 256, diskGiB: 900_000 },
  },
  quota: {
    what: 'a flavor with more vCPUs than the project may have',
    lesson: 'nova-api itself refuses, with 403: nothing was written to the database, and nothing was sent to the queue',
    flavor: { vcpus: 100, ramMiB: 256, diskGiB: 1 },
  },
  'wrong-image': {
    what: 'an image that claims to be a qcow2 and is not',
    lesson:
      'Glance accepts any file; only nova-compute, with the file on its own disk, notices that it is not a qcow2, after scheduling and while the network is being set up',
    image: new TextEncoder().encode('This is no disk image.\n'.repeat(4096)),
  },
  'dead-dhcp-agent': {
    what: 'neutron-dhcp-agent is stopped',
    lesson:
      'the cast stays in the queue of the agent and dnsmasq does not learn of the port, yet the instance becomes ACTIVE, because nothing waits for a cast; it gets no address until the agent is back',
    stop: 'neutron-dhcp-agent',
  },
  'stopped-scheduler': {
    what: 'nova-scheduler is stopped',
    lesson:
      'nova-api does not wait for its cast, so the client got its 202; nova-conductor waits for the answer to its call until rpc_response_timeout, and continues if the scheduler comes back before that',
    stop: 'nova-scheduler',
    waitSeconds: 20,
  },
}

/** Seconds after which a node starts a stopped unit by itself, if nobody else is left to do so. */
export const drillSeconds = (lab: Lab) => scaled(lab, timeouts.verify.drill)

/** The drill of a trace, by its name in the recording. */
export const drillOf = (name: string | undefined): Drill | undefined =>
  name === undefined ? undefined : (drills as Readonly<Record<string, Drill>>)[name]
