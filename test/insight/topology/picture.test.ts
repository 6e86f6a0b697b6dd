import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { layOut } from '../../../scripts/insight/topology/layout.ts'
import { renderTopologyPage } from '../../../scripts/insight/topology/render-page.ts'
import { renderSvg } from '../../../scripts/insight/topology/render-svg.ts'
import { showTopology } from '../../../scripts/insight/topology/render-text.ts'
import { compute, topology } from './recording.ts'

describe('the picture', () => {
  test('every line ends at a box, and no two boxes cover each other, however many instances there are', () => {
    fc.assert(
      fc.property(fc.nat(9), fc.nat(4), (instances, nodes) => {
        const copies = Array.from({ length: instances }, (_, index) => ({
          ...compute.instances[0]!,
          domain: `instance-${index}`,
          id: `${index}`,
        }))
        const more = Array.from({ length: nodes }, (_, index) => ({ ...compute, name: `compute${index + 2}` }))
        const { boxes, lines, frames } = layOut({
          ...topology,
          machines: [...topology.machines.slice(0, 2), { ...compute, instances: copies }, ...more],
        })
        const ids = boxes.map(({ id }) => id)
        expect(new Set(ids).size).toBe(ids.length)
        for (const { from, to } of lines) expect([ids.includes(from), ids.includes(to)]).toEqual([true, true])
        for (const one of boxes) {
          const over = boxes.filter(
            (two) =>
              two !== one &&
              two.x < one.x + one.width &&
              one.x < two.x + two.width &&
              two.y < one.y + one.height &&
              one.y < two.y + two.height,
          )
          expect(over).toEqual([])
          const inside = frames.some(
            (frame) =>
              frame.x <= one.x &&
              frame.y <= one.y &&
              one.x + one.width <= frame.x + frame.width &&
              one.y + one.height <= frame.y + frame.height,
          )
          expect(inside).toBe(true)
        }
      }),
    )
  })

  test('SVG, page and text hold every interface by its name, and load nothing', () => {
    const [svg, page, text] = [
      renderSvg(topology, { alone: true }),
      renderTopologyPage(topology),
      showTopology(topology),
    ]
    for (const { interfaces } of topology.machines) {
      for (const { name, namespace } of interfaces) {
        expect(page).toContain(name)
        if (!namespace) expect([svg.includes(name), text.includes(name)]).toEqual([true, true])
      }
    }
    expect(text).toMatch(/→ test \(instance-\w+, running\), 203\.0\.113\.\d+, filters neutron-linuxbri-i/)
    expect(page).not.toMatch(/(src|href)="(?!#|data:)/)
  })
})
