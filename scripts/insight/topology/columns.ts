/** Adjusts the columns of one machine after dagre has laid them out. */

import type { Point } from '@dagrejs/dagre'
import type { Item, Line } from './items.ts'

export interface Place {
  x: number
  y: number
  width: number
  height: number
}

export type Box = Item & Place

/** `points`: where the line passes between boxes. */
export type DrawnLine = Line & { points: Point[] }

const gap = 8

/** With up to this many instances lines stay level. */
const few = 4

/**
 * With many instances, what leads to them would be drawn far down in the middle: it is moved up, where it is seen
 * first. Only those of a line's points are kept that are in a column of boxes, where the line is level.
 */
export function finishColumns<T extends { boxes: Box[]; lines: DrawnLine[] }>({ boxes, lines, ...rest }: T) {
  const columnOf = (x: number) => boxes.filter((box) => box.x < x && x < box.x + box.width)
  const passing = lines.map(({ points }) => points.slice(1, -1).filter(({ x }) => columnOf(x).length > 0))
  const moved = raise(boxes, passing.flat())
  return {
    ...rest,
    boxes: boxes.map((box) => ({ ...box, y: moved.get(box) ?? box.y })),
    lines: lines.map((line, index) => ({
      ...line,
      points: passing[index]!.flatMap((point) => {
        const column = columnOf(point.x)
        const y = moved.get(point) ?? point.y
        const right = Math.max(...column.map((box) => box.x + box.width))
        return [
          { x: Math.min(...column.map(({ x }) => x)), y },
          { x: right, y },
        ]
      }),
    })),
  }
}

/** New places from above: in each column on the left of the taps, one below the other. */
function raise(boxes: readonly Box[], points: readonly Point[]): Map<Box | Point, number> {
  const taps = boxes.filter(({ kind }) => kind === 'tap')
  if (taps.length <= few) return new Map()
  const left = Math.min(...taps.map(({ x }) => x))
  const all = [
    ...points.map((one) => ({ one, column: Math.round(one.x), height: 0 })),
    ...boxes.map((one) => ({ one, column: Math.round(one.x + one.width / 2), height: one.height })),
  ]
  const bottoms = new Map<number, number>()
  return new Map(
    all
      .filter(({ column }) => column < left)
      .sort((first, second) => first.one.y - second.one.y)
      .map(({ one, column, height }): [Box | Point, number] => {
        const y = bottoms.get(column) ?? (height ? 0 : gap)
        bottoms.set(column, y + height + gap)
        return [one, y]
      }),
  )
}
