/** Where each machine and box of the picture is: computed from the width that there is, without a browser. */

const gap = { frame: 10, machine: 48, pad: 10, head: 30, chip: 8, margin: 8 }
const chip = { narrowest: 148, widest: 260, height: 44 }
/** Narrower than this the host is above the nodes, and a machine's title above its instances. */
const narrow = 700
/** Beside its title a folded machine has its instances. */
const titleColumn = 200

/** A folded machine: its title, and its instances as chips, as many beside each other as there is room for. */
function fold(machine, width, isNarrow) {
  const [left, top] = isNarrow ? [gap.pad, gap.head] : [titleColumn, gap.pad]
  const room = Math.max(chip.narrowest, width - left - gap.pad)
  const count = machine.instances.length
  const fitting = Math.max(1, Math.floor((room + gap.chip) / (chip.narrowest + gap.chip)))
  const columns = Math.min(fitting, Math.max(isNarrow ? 2 : 3, count))
  const wide = Math.min(chip.widest, (room + gap.chip) / columns - gap.chip)
  const boxes = machine.instances.map((instance, index) => ({
    id: instance.box,
    instance,
    kind: 'chip',
    up: instance.state === 'running',
    x: left + (index % columns) * (wide + gap.chip),
    y: top + Math.floor(index / columns) * (chip.height + gap.chip),
    width: wide,
    height: chip.height,
  }))
  const rows = Math.ceil(count / columns)
  const chips = rows ? top + rows * (chip.height + gap.chip) - gap.chip + gap.pad : 0
  return {
    boxes,
    lines: [],
    width,
    height: Math.max(isNarrow ? 36 : 48, chips),
    titleWidth: isNarrow ? width : Math.min(width, titleColumn),
  }
}

function unfold(machine) {
  const boxes = machine.boxes.map((box) => ({
    ...box,
    instance: machine.instances.find((one) => one.box === box.id),
    x: box.x + gap.pad,
    y: box.y + gap.head,
  }))
  const lines = machine.lines.map((line) => ({
    ...line,
    points: line.points.map(({ x, y }) => ({ x: x + gap.pad, y: y + gap.head })),
  }))
  const width = Math.max(machine.width + 2 * gap.pad, titleWidth(machine))
  return { boxes, lines, width, height: machine.height + gap.head + gap.pad, titleWidth: width }
}

const titleWidth = (machine) => [...machine.title].length * 8 + 190

/** The host is on the left, or above where there is little room; the nodes are beside it, one below the other. */
export function placeMachines(machines, { width, folded }) {
  const isNarrow = width < narrow
  const inside = width - 2 * gap.margin
  const drawn = (machine, room) => (folded.has(machine.name) ? fold(machine, room, isNarrow) : unfold(machine))
  const frames = []
  let [x, y] = [gap.margin, gap.margin]
  for (const [index, machine] of machines.entries()) {
    const isHost = index === 0
    const isFolded = folded.has(machine.name)
    const room = isHost && !isNarrow ? 150 : Math.max(chip.narrowest + 2 * gap.pad, width - x - gap.margin)
    const drawing = drawn(machine, isNarrow ? inside : room)
    const frame = { machine, ...drawing, x, y, isFolded, isHost }
    frames.push(frame)
    if (isHost && !isNarrow) x += frame.width + gap.machine
    else y += frame.height + gap.frame
  }
  return {
    frames,
    isNarrow,
    width: Math.max(width, ...frames.map((frame) => frame.x + frame.width + gap.margin)),
    height: Math.max(...frames.map((frame) => frame.y + frame.height + gap.margin)),
  }
}
