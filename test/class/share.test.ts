/** How a lab is divided: never more than it has, and at least one instance for each. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { shareOut } from '../../scripts/class/share.ts'

const nano = { name: 'm1.nano', vcpus: 1, ramMiB: 256, diskGiB: 1 }
const tiny = { ...nano, ramMiB: 128 }
/** A default lab of containers, with its test instances. */
const small = { vcpus: 30, memoryMiB: 3184, diskGiB: 17, addresses: 145, volumeGiB: 30 }

test('20 students with tiny instances on a default lab', () => {
  expect(shareOut({ ...small, diskGiB: 40 }, tiny, { students: 20, own: true })).toEqual({
    ...{ instances: 1, cores: 1, memoryMiB: 159 },
    ...{ ports: 5, routers: 1, floatingIps: 1, networks: 2 },
    ...{ volumes: 1, volumeGiB: 1 },
  })
})

test('a lab that is too small is refused, with what runs out and how many would fit', () => {
  const divide =
    (changes: object, flavor = nano) =>
    () =>
      shareOut({ ...small, diskGiB: 40, ...changes }, flavor, { students: 20, own: true })
  expect(divide({})).toThrow('20 students, but Nova and Neutron have 3184 MiB of memory left: 12 instances of m1.nano')
  expect(divide({ diskGiB: 17 }, tiny)).toThrow('17 GiB of disk left')
  // Not disk_gib, which a running lab refuses to change.
  expect(divide({ diskGiB: 17 }, tiny)).toThrow(/another compute node/)
  expect(divide({ addresses: 99 }, tiny)).toThrow('99 addresses left: 19 instances')
  expect(divide({ vcpus: 4 }, tiny)).toThrow('4 virtual CPUs left')
})

const amounts = fc.record({
  vcpus: fc.integer({ min: 0, max: 500 }),
  memoryMiB: fc.integer({ min: 0, max: 500_000 }),
  diskGiB: fc.integer({ min: 0, max: 2000 }),
  addresses: fc.integer({ min: 0, max: 2000 }),
  volumeGiB: fc.integer({ min: 0, max: 2000 }),
})

test('all students together never have more than there is, whatever they do with it', () => {
  fc.assert(
    fc.property(amounts, fc.integer({ min: 1, max: 99 }), fc.boolean(), (offer, students, own) => {
      let share: ReturnType<typeof shareOut>
      try {
        share = shareOut(offer, tiny, { students, own })
      } catch {
        return
      }
      const { instances, cores, memoryMiB, ports, routers = 0, floatingIps = 0, volumeGiB = 0, volumes = 0 } = share
      expect(instances).toBeGreaterThanOrEqual(1)
      expect(students * cores).toBeLessThanOrEqual(offer.vcpus)
      expect(students * memoryMiB).toBeLessThanOrEqual(offer.memoryMiB)
      expect(instances * tiny.ramMiB).toBeLessThanOrEqual(memoryMiB)
      expect(students * instances * tiny.diskGiB).toBeLessThanOrEqual(offer.diskGiB)
      expect(students * (ports + routers + floatingIps)).toBeLessThanOrEqual(offer.addresses)
      expect(students * volumeGiB).toBeLessThanOrEqual(offer.volumeGiB)
      expect(volumes).toBeLessThanOrEqual(volumeGiB)
      // With networks of their own, DHCP and the router have a port, too.
      expect(ports).toBeGreaterThanOrEqual(instances + (own ? 2 : 0))
    }),
  )
})
