/** Where each box of the topology is drawn: this host on the left, the nodes one below the other on its right. */

import { type EdgeLabel, Graph, type GraphLabel, layout, type NodeLabel } from '@dagrejs/dagre'
import { visible } from '../../terminal/visible.ts'
import { type Box, type DrawnLine, finishColumns, type Place } from './columns.ts'
import { type Item, innerLines, isHost, itemsOf, outerLines } from './items.ts'
import type { Machine, Topology } from './model.ts'

export type Frame = Place & { title: string }

export interface Layout {
  width: number
  height: number
  frames: Frame[]
  boxes: Box[]
  lines: DrawnLine[]
}

/** Pixels: font sizes, the width of a character in each (the font is monospaced), and the line height. */
export const type = { name: 12, line: 11, nameWidth: 7.3, lineWidth: 6.7, leading: 14 }
const gap = { box: 8, column: 28, frame: 20, machine: 48, pad: 12, head: 30, margin: 10 }

/** Longest line of a box, in characters: a longer one keeps its beginning and its end. */
const longest = 28

/** Chinese, Japanese and Korean characters and most symbols beyond the first plane are two columns wide. */
const wide = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u
const cells = (characters: readonly string[]) =>
  characters.reduce((sum, character) => sum + (character.length > 1 || wide.test(character) ? 2 : 1), 0)

/** Names often differ only at the end, so the middle is left out. */
export function shorten(text: string, most = longest): string {
  const characters = [...text]
  if (cells(characters) <= most) return text
  const [head, tail] = [[] as string[], [] as string[]]
  while (cells([...head, ...tail]) < most - 2) {
    const next = head.length <= tail.length + 6 ? head : tail
    if (next === head) head.push(characters[head.length]!)
    else tail.unshift(characters[characters.length - 1 - tail.length]!)
  }
  return `${head.join('')}…${tail.join('')}`
}

function sized(item: Item, rows: number): Item & { width: number; height: number } {
  const lines = item.lines.filter(Boolean).map((line) => shorten(visible(line)))
  const widths = lines.map((line, index) => cells([...line]) * (index ? type.lineWidth : type.nameWidth))
  const mark = item.up ? 0 : 2 * type.nameWidth
  return {
    ...item,
    lines,
    width: Math.ceil(Math.max(80, (widths[0] ?? 0) + mark, ...widths) + 18),
    height: (lines.length + rows) * type.leading + 12,
  }
}

/** Boxes of one kind have the same width, so that they form columns. */
function sizedItems(machine: Machine, topology: Topology, rows: number) {
  const items = itemsOf(machine, topology).map((item) => sized(item, rows))
  const widthOf = (kind: Item['kind']) =>
    Math.max(...items.filter((item) => item.kind === kind).map(({ width }) => width))
  return items.map((item) => ({ ...item, width: widthOf(item.kind) }))
}

/** Constraints for dagre: these keep this order. */
const inOrder = (ids: readonly string[]) =>
  ids.map((right, index, all) => ({ left: all[index - 1] ?? '', right })).slice(1)

/** One machine, relative to its own corner. */
export type Drawing = Omit<Layout, 'frames'> & { title: string }

/**
 * Each machine is laid out alone, so that it stays a rectangle that no line of another machine crosses. `rows`: of each
 * box, for more lines of text.
 */
export function drawMachine(machine: Machine, topology: Topology, { rows = 0 } = {}): Drawing {
  const graph = new Graph<GraphLabel, NodeLabel, EdgeLabel>()
  graph.setGraph({ rankdir: 'LR', nodesep: gap.box, edgesep: gap.box, ranksep: gap.column })
  const items = sizedItems(machine, topology, rows)
  for (const { id, width, height } of items) graph.setNode(id, { width, height })
  const lines = innerLines(machine, topology).filter(({ from, to }) => graph.hasNode(from) && graph.hasNode(to))
  // dagre reverses the order. An untagged bridge is placed in the column of the tagged ones.
  const steps = lines.some(({ kind }) => kind === 'tag') ? 2 : 1
  const isBridge = (id: string) => items.some((item) => item.id === id && item.kind === 'bridge')
  const bridges = [...new Set(lines.flatMap(({ from }) => (isBridge(from) ? from : [])))]
  for (const { from, to, kind } of lines) {
    const isUntagged = kind === 'port' && isBridge(to) && !lines.some((one) => one.kind === 'tag' && one.to === from)
    graph.setEdge(from, to, { minlen: isUntagged ? steps : 1 })
  }
  const ports = bridges.flatMap((bridge) => lines.flatMap(({ from, to }) => (from === bridge ? to : [])))
  layout(graph, { constraints: [...inOrder(bridges), ...inOrder(ports)] })
  const boxes = items.map((item): Box => {
    const { x = 0, y = 0 } = graph.node(item.id)!
    return { ...item, x: x - item.width / 2, y: y - item.height / 2 }
  })
  return finishColumns({
    title: isHost(machine) ? 'this host' : `${machine.name} (${machine.roles.join(', ')})`,
    boxes,
    lines: lines.map((line) => ({ ...line, points: graph.edge(line.from, line.to)?.points ?? [] })),
    width: Math.max(0, ...boxes.map(({ x, width }) => x + width)),
    height: Math.max(0, ...boxes.map(({ y, height }) => y + height)),
  })
}

function place(
  { title, boxes, lines, width, height }: Drawing,
  x: number,
  y: number,
): Omit<Layout, 'width' | 'height'> {
  const move = <T extends { x: number; y: number }>(one: T): T => ({
    ...one,
    x: one.x + x + gap.pad,
    y: one.y + y + gap.head,
  })
  const titleWidth = cells([...title]) * type.nameWidth
  const frame = { title, x, y, width: Math.max(width, titleWidth) + 2 * gap.pad, height: height + gap.head + gap.pad }
  return {
    frames: [frame],
    boxes: boxes.map(move),
    lines: lines.map((line) => ({ ...line, points: line.points.map(move) })),
  }
}

export function layOut(topology: Topology): Layout {
  const [host, ...nodes] = topology.machines
  const left = host && place(drawMachine(host, topology), gap.margin, gap.margin)
  const x = left ? left.frames[0]!.x + left.frames[0]!.width + gap.machine : gap.margin
  let y = gap.margin
  const right = nodes.map((node) => {
    const placed = place(drawMachine(node, topology), x, y)
    y += placed.frames[0]!.height + gap.frame
    return placed
  })
  const all = [...(left ? [left] : []), ...right]
  const frames = all.flatMap((one) => one.frames)
  const boxes = all.flatMap((one) => one.boxes)
  const known = new Set(boxes.map(({ id }) => id))
  const outer = outerLines(topology).filter(({ from, to }) => known.has(from) && known.has(to))
  return {
    width: Math.ceil(Math.max(300, ...frames.map((frame) => frame.x + frame.width)) + gap.margin),
    height: Math.ceil(Math.max(100, ...frames.map((frame) => frame.y + frame.height)) + gap.margin),
    frames,
    boxes,
    lines: [...all.flatMap(({ lines }) => lines), ...outer.map((line) => ({ ...line, points: [] }))],
  }
}
