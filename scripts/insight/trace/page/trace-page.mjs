/** The sequence diagram of a trace: lanes by process and node, one row per step, with its evidence next to it. */

const { lanes, steps } = JSON.parse(document.getElementById('trace-data').textContent)
const box = document.getElementById('trace-diagram')
const panel = document.getElementById('trace-evidence')
const controls = { all: 'trace-all', flow: 'trace-flow', lane: 'trace-lane', zoom: 'trace-zoom' }
const [showAll, flow, laneChoice, zoomText] = Object.values(controls).map((id) => document.getElementById(id))
const size = { left: 74, lane: 128, row: 40, head: 58 }
let zoom = 1
let current = 0

const namespace = 'http://www.w3.org/2000/svg'

function draw(name, attributes, ...children) {
  const element = document.createElementNS(namespace, name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value))
  element.append(...children)
  return element
}

function make(name, text, ...children) {
  const element = document.createElement(name)
  if (text) element.textContent = text
  element.append(...children)
  return element
}

const isShown = (step) =>
  (showAll.checked || step.text_step) &&
  (!flow.value || step.text_step?.startsWith(`${flow.value}-`)) &&
  (!laneChoice.value || step.from === laneChoice.value || step.to === laneChoice.value)

const seconds = (ms) => `${(ms / 1000).toFixed(3)} s`

function describe(step) {
  const who = step.from === step.to ? step.from : `${step.from} to ${step.to}`
  return [step.name, seconds(step.at_ms), who, step.kind, step.text, step.what].filter(Boolean).join(', ')
}

/** A filled head: it waits for an answer. An open one: it does not. */
function drawHead(x, y, direction, open) {
  const points = `${x - 8 * direction},${y - 4.5} ${x},${y} ${x - 8 * direction},${y + 4.5}`
  return open ? draw('polyline', { points }) : draw('polygon', { points, class: 'filled' })
}

function drawArrow(step, row, place, width) {
  const [from, to] = [place.get(step.from), place.get(step.to)]
  const y = row * size.row + 26
  const label = `${step.name ? `${step.name}  ` : ''}${step.what}`
  const group = draw('g', {
    class: `arrow kind-${step.kind.replaceAll(' ', '-').toLowerCase()}`,
    role: 'button',
    tabindex: '-1',
    'aria-label': describe(step),
  })
  group.append(
    draw('rect', { class: 'hit', x: 2, y: row * size.row + 1, width: width - 4, height: size.row - 2, rx: 4 }),
  )
  group.append(draw('text', { class: 'time', x: 6, y: y + 4 }, seconds(step.at_ms)))
  const left = Math.min(from, to)
  // A row is its own: the words may run on beyond the arrow.
  const room = Math.floor((width - left) / 6.8)
  const text = draw('text', { x: left + 6, y: y - 8, class: step.text_step ? 'step' : 'label' }, label.slice(0, room))
  if (from === to) {
    group.append(
      draw('path', { class: 'shaft', d: `M ${from} ${y - 4} h 22 v 10 h -14` }),
      drawHead(from + 2, y + 6, -1, true),
    )
    text.setAttribute('x', from + 30)
    text.setAttribute('y', y + 5)
  } else {
    const direction = to > from ? 1 : -1
    const open = step.rpc === 'cast' || step.kind === 'RPC reply'
    group.append(
      draw('line', { class: 'shaft', x1: from, y1: y, x2: to - 2 * direction, y2: y }),
      drawHead(to, y, direction, open),
    )
  }
  group.append(text)
  return group
}

function drawLanes(place, shownLanes, width, height) {
  const heads = draw('svg', {
    width: width * zoom,
    height: size.head * zoom,
    viewBox: `0 0 ${width} ${size.head}`,
    'aria-hidden': 'true',
  })
  for (const node of [...new Set(shownLanes.map((lane) => lane.node))]) {
    const own = shownLanes.filter((lane) => lane.node === node).map((lane) => place.get(lane.id))
    const [first, last] = [Math.min(...own) - size.lane / 2 + 4, Math.max(...own) + size.lane / 2 - 4]
    heads.append(draw('rect', { class: 'band', x: first, y: 3, width: last - first, height: size.head - 6, rx: 5 }))
    heads.append(draw('text', { class: 'label', x: first + 6, y: 18 }, node))
  }
  for (const { id, unit } of shownLanes) {
    const short = unit
      .replace('neutron-linuxbridge-agent', 'linuxbridge-agent')
      .replace('neutron-dhcp-agent', 'dhcp-agent')
    heads.append(draw('text', { x: place.get(id), y: 40, 'text-anchor': 'middle' }, short))
  }
  const lines = shownLanes.map(({ id }) =>
    draw('line', { class: 'life', x1: place.get(id), x2: place.get(id), y1: 0, y2: height }),
  )
  return [heads, lines]
}

function render() {
  const shown = steps.filter(isShown)
  const used = new Set(shown.flatMap((step) => [step.from, step.to]))
  const shownLanes = lanes.filter(({ id }) => used.has(id))
  const place = new Map(shownLanes.map(({ id }, index) => [id, size.left + size.lane * (index + 0.5)]))
  const width = size.left + size.lane * Math.max(1, shownLanes.length) + 60
  const height = shown.length * size.row + 10
  const [heads, lines] = drawLanes(place, shownLanes, width, height)
  const body = draw('svg', {
    width: width * zoom,
    height: height * zoom,
    viewBox: `0 0 ${width} ${height}`,
    role: 'group',
    'aria-label': `Sequence of ${shown.length} steps`,
  })
  body.append(...lines)
  const arrows = shown.map((step, index) => drawArrow(step, index, place, width))
  for (const [index, arrow] of arrows.entries()) {
    arrow.addEventListener('click', () => choose(shown, arrows, index))
    arrow.addEventListener('keydown', (event) => onKey(event, shown, arrows, index))
  }
  body.append(...arrows)
  const top = make('div')
  top.className = 'heads'
  top.style.width = `${width * zoom}px`
  top.append(heads)
  box.replaceChildren(top, body)
  current = Math.min(current, Math.max(0, arrows.length - 1))
  arrows[current]?.setAttribute('tabindex', '0')
  zoomText.textContent = `${Math.round(zoom * 100)} %`
}

function onKey(event, shown, arrows, index) {
  const moves = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: arrows.length - 1, Enter: index, ' ': index }
  const next = moves[event.key]
  if (next === undefined || !arrows[next]) return
  event.preventDefault()
  arrows[index].setAttribute('tabindex', '-1')
  arrows[next].focus()
  choose(shown, arrows, next)
}

function choose(shown, arrows, index) {
  for (const arrow of arrows) {
    arrow.removeAttribute('aria-current')
    arrow.setAttribute('tabindex', '-1')
  }
  current = index
  arrows[index].setAttribute('aria-current', 'true')
  arrows[index].setAttribute('tabindex', '0')
  showEvidence(shown[index])
}

function showEvidence(step) {
  const evidence = [step.evidence, ...(step.more ?? [])].flatMap(({ node, file, line, text }, index) => [
    make('p', '', make('strong', index ? 'also: ' : 'evidence: '), make('code', `${node}:${file}:${line}`)),
    make('pre', text.trim()),
  ])
  const took = step.took_ms === undefined ? [] : [make('p', `answered after ${seconds(step.took_ms)}`)]
  const zed = step.zed
    ? [
        make('h4', 'In Zed'),
        make('p', step.zed.does),
        make('p', `Why: ${step.zed.why}.`),
        make('p', `Since: ${step.zed.since}.`),
      ]
    : []
  panel.replaceChildren(
    make('h3', [step.name, step.text ?? 'beyond the textbook steps'].filter(Boolean).join(': ')),
    make(
      'p',
      `${seconds(step.at_ms)} · ${step.from === step.to ? step.from : `${step.from} → ${step.to}`} · ${step.kind}`,
    ),
    make('p', step.what),
    ...took,
    ...evidence,
    ...zed,
  )
}

for (const { id, unit, node } of lanes) {
  const option = make('option', `${unit} on ${node}`)
  option.value = id
  laneChoice.append(option)
}
for (const control of [showAll, flow, laneChoice]) {
  control.addEventListener('change', () => {
    current = 0
    render()
  })
}
const scale = (factor) => () => {
  zoom = Math.min(3, Math.max(0.4, zoom * factor))
  render()
}
document.getElementById('trace-in').addEventListener('click', scale(1.25))
document.getElementById('trace-out').addEventListener('click', scale(0.8))
render()
