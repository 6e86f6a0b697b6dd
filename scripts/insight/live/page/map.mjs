/** The picture of the topology: machines that fold, boxes with their traffic, cables that carry it. */

import { byId, draw, ratesText, turned, visible } from './dom.mjs'
import { placeMachines } from './places.mjs'

const box = byId('picture')
const letter = { name: 7.3, line: 6.7 }
/** From this many nodes on they are folded at first: then all of them are seen at once. */
const many = 4
/** So is a machine with more boxes than this. */
const crowded = 30
const row = 14
/** 11 pixels of type become 10. */
const smallest = 0.91

let picture
let rates = {}
let selected
let folded
let onSelect = () => {}
/** By a box's id: where its traffic is written. */
const texts = new Map()
/** Lines with the interface whose traffic they carry. */
let wires = []

export function showPicture(next, select) {
  onSelect = select
  picture = next
  folded ??= foldedAtFirst()
  render()
}

function foldedAtFirst() {
  const isLarge = picture.machines.length > many || box.clientWidth < 700
  return new Set(
    picture.machines
      .filter(({ name, boxes }) => isLarge || name === 'host' || boxes.length > crowded)
      .map(({ name }) => name),
  )
}

const rateOf = (id) => {
  const cut = id.indexOf('/')
  return rates[id.slice(0, cut)]?.[id.slice(cut + 1)]
}

/** The node's ends of what leads to an instance or a namespace. */
const behind = ({ id }, { machine }) =>
  machine.lines.flatMap(({ from, to }) => (to === id ? from.slice(machine.name.length + 1) : []))

function sumOf(machine, names) {
  const found = names.map((name) => rates[machine]?.[name]).filter(Boolean)
  return found.length ? found.reduce(([down, up], [more, other]) => [down + more, up + other], [0, 0]) : undefined
}

export function showRates(next) {
  rates = next
  for (const [text, read] of texts) text.textContent = ratesText(read())
  for (const { path, read } of wires) {
    const [down, up] = read() ?? [0, 0]
    const level = Math.min(4, Math.floor(Math.log10(Math.max(1, down + up)) - 1))
    path.setAttribute('data-level', String(Math.max(0, level)))
  }
}

/** Names often differ only at the end, so the middle is left out. */
function shorten(text, room) {
  const characters = [...visible(text)]
  if (characters.length <= room) return characters.join('')
  const tail = Math.floor((room - 1) / 3)
  return `${characters.slice(0, room - 1 - tail).join('')}…${characters.slice(characters.length - tail).join('')}`
}

function drawChip(one, frame) {
  const { instance } = one
  const [x, y] = [frame.x + one.x, frame.y + one.y]
  const rate = draw('text', { class: 'rate', x: x + 8, y: y + 35 })
  texts.set(rate, () => turned(rateOf(instance.tap)))
  return [
    draw('rect', { class: 'box', x, y, width: one.width, height: one.height, rx: 10 }),
    draw(
      'text',
      { class: 'name', x: x + 8, y: y + 17 },
      shorten(`${one.up ? '' : '✗ '}${instance.name}`, Math.floor((one.width - 14) / letter.name)),
    ),
    rate,
  ]
}

function drawBox(one, frame) {
  const [x, y] = [frame.x + one.x, frame.y + one.y]
  const middle = x + one.width / 2
  const rate = draw('text', {
    class: 'rate',
    x: middle,
    y: y + 2 + row * (one.lines.length + 1),
    'text-anchor': 'middle',
  })
  texts.set(rate, () =>
    one.kind === 'endpoint' ? turned(sumOf(frame.machine.name, behind(one, frame))) : rateOf(one.id),
  )
  return [
    draw('rect', { class: 'box', x, y, width: one.width, height: one.height, rx: one.kind === 'endpoint' ? 12 : 5 }),
    ...one.lines.map((line, index) =>
      draw(
        'text',
        { class: index ? 'soft' : 'name', x: middle, y: y + 2 + row * (index + 1), 'text-anchor': 'middle' },
        index === 0 && !one.up ? `✗ ${line}` : line,
      ),
    ),
    rate,
  ]
}

function drawItem(one, frame) {
  const label = one.instance
    ? `instance ${one.instance.name}, ${one.instance.state}, ${one.instance.address}`
    : `${one.title}${one.up ? '' : ' (not working)'}`
  const group = draw('g', {
    class: `item ${one.kind}${one.up ? '' : ' down'}`,
    role: 'button',
    tabindex: -1,
    'data-id': one.id,
    'aria-label': visible(label),
    onclick: () => choose(one.id),
    onkeydown: (event) => onKey(event),
  })
  group.append(draw('title', {}, label), ...(one.kind === 'chip' ? drawChip(one, frame) : drawBox(one, frame)))
  return group
}

function drawFrame(frame) {
  const { machine, x, y, width, height, titleWidth, isFolded } = frame
  const count = machine.instances.length
  const instances = count ? `, ${count} instance${count > 1 ? 's' : ''}` : ''
  const isBeside = isFolded && titleWidth < width
  const rate = isBeside
    ? draw('text', { class: 'rate', x: x + 24, y: y + 37 })
    : draw('text', { class: 'rate', x: x + width - 12, y: y + 20, 'text-anchor': 'end' })
  const title = `${isFolded ? '▸' : '▾'} ${isBeside ? (frame.isHost ? machine.title : machine.name) : machine.title}`
  const room = isBeside ? titleWidth - 14 : width - 190
  const isTight = !isBeside && room < 90
  if (!frame.isHost) texts.set(rate, () => sumOf(machine.name, machine.uplinks))
  const head = draw(
    'g',
    {
      class: 'item head',
      role: 'button',
      tabindex: -1,
      'data-id': machine.name,
      'aria-expanded': String(!isFolded),
      'aria-label': `${machine.title}${instances}`,
      onclick: () => toggle(machine.name),
      onkeydown: (event) => onKey(event),
    },
    draw('title', {}, `${machine.title}${instances}`),
    draw('rect', { class: 'hit', x, y, width: titleWidth, height: isBeside || height < 60 ? height : 28, rx: 8 }),
    draw(
      'text',
      { class: 'name', x: x + 10, y: y + 20 },
      shorten(title, Math.floor((isTight ? width - 16 : room) / letter.name)),
    ),
  )
  return draw(
    'g',
    { class: 'machine', 'data-machine': machine.name },
    draw('rect', { class: 'frame', x, y, width, height, rx: 8 }),
    head,
    ...(isTight ? [] : [rate]),
  )
}

const curve = ([fromX, fromY], [x, y]) => {
  const half = (fromX + x) / 2
  return `C ${half} ${fromY} ${half} ${y} ${x} ${y}`
}

function drawWire(d, kind, read) {
  const path = draw('path', { class: kind, d })
  wires.push({ path, read })
  return path
}

const curved = (stops) =>
  `M ${stops[0].join(' ')} ${stops
    .slice(1)
    .map((stop, index) => curve(stops[index], stop))
    .join(' ')}`

/** Down a shaft that all of them share, then to the machine: many curves would be one thick bundle. */
const angular = ([fromX, fromY], [x, y]) => `M ${fromX} ${fromY} H ${fromX + 20} V ${y} H ${x}`

function innerWires(frame) {
  const places = new Map(frame.boxes.map((one) => [one.id, one]))
  return frame.lines.map(({ from, to, kind, points }) => {
    const [start, end] = [places.get(from), places.get(to)]
    const stops = [
      [start.x + start.width, start.y + start.height / 2],
      ...points.map(({ x, y }) => [x, y]),
      [end.x, end.y + end.height / 2],
    ].map(([x, y]) => [frame.x + x, frame.y + y])
    return drawWire(curved(stops), kind, () => rateOf(to) ?? rateOf(from))
  })
}

/** Between machines: from box to box, or from and to the edge of one that is folded; several then are one. */
function outerWires(frames) {
  const where = (id, side) => {
    const frame = frames.find(({ machine }) => id.startsWith(`${machine.name}/`))
    const found = frame?.boxes.find((one) => one.id === id)
    if (!frame) return undefined
    if (!found)
      return { key: frame.machine.name, isFrame: true, at: [side ? frame.x : frame.x + frame.width, frame.y + 24] }
    return { key: id, at: [frame.x + found.x + (side ? 0 : found.width), frame.y + found.y + found.height / 2] }
  }
  const drawn = new Map()
  for (const { from, to } of picture.cables) {
    const [start, end] = [where(from, 0), where(to, 1)]
    if (!start || !end) continue
    const key = `${start.key} ${end.key}`
    const known = drawn.get(key)
    if (known) known.ends.push(to)
    else drawn.set(key, { d: start.isFrame ? angular(start.at, end.at) : curved([start.at, end.at]), ends: [to] })
  }
  return [...drawn.values()].map(({ d, ends }) =>
    drawWire(d, 'cable', () =>
      ends.map(rateOf).reduce((sum, rate) => (rate ? [sum[0] + rate[0], sum[1] + rate[1]] : sum), [0, 0]),
    ),
  )
}

function render() {
  // A page in the background may have no size yet.
  if (!picture || box.clientWidth < 100) return
  const focused = document.activeElement?.closest?.('#picture [data-id]')?.getAttribute('data-id')
  texts.clear()
  wires = []
  const { frames, width, height, isNarrow } = placeMachines(picture.machines, { width: box.clientWidth - 2, folded })
  // A little too wide: it is made to fit, but stays readable.
  const scale = Math.max(smallest, Math.min(1, (box.clientWidth - 2) / width))
  const svg = draw('svg', {
    width: width * scale,
    height: height * scale,
    viewBox: `0 0 ${width} ${height}`,
    role: 'group',
    'aria-label': 'Topology',
  })
  svg.append(...frames.map(drawFrame))
  if (!isNarrow) svg.append(...outerWires(frames))
  for (const frame of frames) {
    svg.append(...innerWires(frame))
    svg.append(...frame.boxes.map((one) => drawItem(one, frame)))
  }
  box.replaceChildren(svg)
  showRates(rates)
  mark()
  if (focused) find(focused)?.focus({ preventScroll: true })
}

const items = () => [...box.querySelectorAll('.item')]
const find = (id) => items().find((one) => one.getAttribute('data-id') === id)

function mark() {
  const all = items()
  for (const one of all) {
    const isIt = one.getAttribute('data-id') === selected
    one.toggleAttribute('data-selected', isIt)
    one.setAttribute('tabindex', '-1')
  }
  const first = find(selected) ?? all[0]
  first?.setAttribute('tabindex', '0')
}

function choose(id) {
  selected = id
  mark()
  onSelect(id)
}

function toggle(name) {
  if (folded.has(name)) folded.delete(name)
  else folded.add(name)
  selected = name
  render()
  onSelect(name)
}

function onKey(event) {
  const all = items()
  const index = all.indexOf(event.currentTarget)
  if (event.key === 'Enter' || event.key === ' ') {
    event.preventDefault()
    event.currentTarget.dispatchEvent(new MouseEvent('click', { bubbles: true }))
    return
  }
  const steps = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }
  const next = event.key === 'Home' ? all[0] : event.key === 'End' ? all.at(-1) : all[index + steps[event.key]]
  if (!next) return
  event.preventDefault()
  next.focus({ preventScroll: true })
  next.scrollIntoView({ block: 'nearest', inline: 'nearest' })
}

/** Both ends of a new arrow of a launch. */
export function pulse(machines) {
  for (const frame of box.querySelectorAll('.machine')) {
    if (!machines.has(frame.getAttribute('data-machine'))) continue
    frame.classList.remove('pulse')
    // Asking for its size makes the animation begin anew.
    frame.getBoundingClientRect()
    frame.classList.add('pulse')
  }
}

byId('fold').addEventListener('click', () => {
  folded = new Set(picture?.machines.map(({ name }) => name))
  render()
})
byId('unfold').addEventListener('click', () => {
  folded = new Set()
  render()
})
let drawnFor = 0
new ResizeObserver(() => {
  if (box.clientWidth === drawnFor) return
  drawnFor = box.clientWidth
  render()
}).observe(box)
