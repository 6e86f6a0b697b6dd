/** The sequence diagram of a trace: lanes by process and node, one row per step, with its evidence next to it. */

let { lanes, steps } = JSON.parse(document.getElementById('trace-data').textContent)
const box = document.getElementById('trace-diagram')
const panel = document.getElementById('trace-evidence')
const controls = { all: 'trace-all', flow: 'trace-flow', lane: 'trace-lane', zoom: 'trace-zoom' }
const [showAll, flow, laneChoice, zoomText] = Object.values(controls).map((id) => document.getElementById(id))
const size = { left: 62, right: 10, lane: [76, 150], row: 40, head: 74, line: 13, phone: 600 }
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

const isShown = (step, lane) =>
  (showAll.checked || step.textStep) &&
  (!flow.value || step.textStep?.startsWith(`${flow.value}-`)) &&
  (!lane || step.from === lane || step.to === lane)

const seconds = (ms) => `${(ms / 1000).toFixed(3)} s`

function describe(step) {
  const who = step.from === step.to ? step.from : `${step.from} to ${step.to}`
  const textbook = step.text && `${step.source}: ${step.text}`
  return [step.name, seconds(step.atMs), who, step.kind, step.what, textbook].filter(Boolean).join(', ')
}

/** A filled head: it waits for an answer. An open one: it does not. */
function drawHead(x, y, direction, open) {
  const points = `${x - 8 * direction},${y - 4.5} ${x},${y} ${x - 8 * direction},${y + 4.5}`
  return open ? draw('polyline', { points }) : draw('polygon', { points, class: 'filled' })
}

const pen = document.createElement('canvas').getContext('2d')

/** Whole where it has room, else with a sign that there is more: all of it is in the evidence. */
function shorten(label, font, room) {
  pen.font = `${font} 12px system-ui, sans-serif`
  const widthOf = (text) => pen.measureText(text).width + 4
  if (widthOf(label) <= room) return { label, width: widthOf(label) }
  let length = label.length
  while (length > 1 && widthOf(`${label.slice(0, length)}…`) > room) length -= 1
  return { label: `${label.slice(0, length).replace(/[\ud800-\udbff]$/, '')}…`, width: room }
}

/** From the left end of the arrow, but so that it ends within the diagram. On a phone where it is seen at once. */
function drawLabel(step, y, [left, right], width) {
  const isOwn = step.from === step.to
  const font = step.textStep ? '700' : '400'
  const { label, width: long } = shorten(
    `${step.name ? `${step.name}  ` : ''}${step.what}`,
    font,
    width - size.left - 12,
  )
  const last = width - size.right - long
  const fitsBeside = right + 30 <= last
  // A process that speaks of itself has its words beside it, where there is room on either side.
  const beside = fitsBeside ? right + 30 : Math.max(size.left, left - 8 - long)
  const isBeside = isOwn && (fitsBeside || left - 8 - long >= size.left)
  const isPhone = box.clientWidth < size.phone
  const above = isPhone ? size.left : Math.max(size.left, Math.min(left + 6, last))
  const [x, under] = isBeside && !isPhone ? [beside, 5] : [above, -8]
  return draw('text', { x, y: y + under, class: step.textStep ? 'step' : 'label' }, label)
}

function drawArrow(step, row, place, width) {
  const [from, to] = [place.get(step.from), place.get(step.to)]
  const y = row * size.row + 26
  const group = draw('g', {
    class: `arrow kind-${step.kind.replaceAll(' ', '-').toLowerCase()}${step.fresh ? ' fresh' : ''}`,
    role: 'button',
    tabindex: '-1',
    'aria-label': describe(step),
  })
  group.append(
    draw('rect', { class: 'hit', x: 2, y: row * size.row + 1, width: width - 4, height: size.row - 2, rx: 4 }),
  )
  group.append(draw('text', { class: 'time', x: 6, y: y + 4 }, seconds(step.atMs)))
  if (from === to) {
    group.append(
      draw('path', { class: 'shaft', d: `M ${from} ${y - 4} h 22 v 10 h -14` }),
      drawHead(from + 2, y + 6, -1, true),
    )
  } else {
    const direction = to > from ? 1 : -1
    const open = step.rpc === 'cast' || step.kind === 'RPC reply'
    group.append(
      draw('line', { class: 'shaft', x1: from, y1: y, x2: to - 2 * direction, y2: y }),
      drawHead(to, y, direction, open),
    )
  }
  group.append(drawLabel(step, y, [Math.min(from, to), Math.max(from, to)], width))
  return group
}

/** `neutron-linuxbridge-agent` in lines that are no wider than a lane. */
function linesOf(unit) {
  const lines = ['']
  for (const word of unit.split(/(?<=[-:])/)) {
    const last = lines.at(-1)
    if (last && last.length + word.length > 12) lines.push(word)
    else lines[lines.length - 1] = last + word
  }
  return lines
}

function drawLanes(place, shownLanes, lane, width, height) {
  const heads = draw('svg', {
    width: width * zoom,
    height: size.head * zoom,
    viewBox: `0 0 ${width} ${size.head}`,
    'aria-hidden': 'true',
  })
  for (const node of [...new Set(shownLanes.map((lane) => lane.node))]) {
    const own = shownLanes.filter((lane) => lane.node === node).map((lane) => place.get(lane.id))
    const [first, last] = [Math.min(...own) - lane / 2 + 2, Math.max(...own) + lane / 2 - 2]
    heads.append(draw('rect', { class: 'band', x: first, y: 3, width: last - first, height: size.head - 6, rx: 5 }))
    heads.append(draw('text', { class: 'label', x: first + 6, y: 18 }, node))
  }
  for (const { id, unit } of shownLanes) {
    for (const [index, line] of linesOf(unit).entries()) {
      const y = 34 + index * size.line
      heads.append(draw('text', { class: 'unit', x: place.get(id), y, 'text-anchor': 'middle' }, line))
    }
  }
  const lines = shownLanes.map(({ id }) =>
    draw('line', { class: 'life', x1: place.get(id), x2: place.get(id), y1: 0, y2: height }),
  )
  return [heads, lines]
}

/** Services that have a step under the other filters; none that would show nothing. */
function offerLanes() {
  const others = steps.filter((step) => isShown(step, ''))
  const chosen = laneChoice.value
  const offered = lanes.filter(({ id }) => others.some((step) => step.from === id || step.to === id))
  laneChoice.replaceChildren(
    new Option('all', ''),
    ...offered.map(({ id, unit, node }) => new Option(`${unit} on ${node}`, id)),
  )
  laneChoice.value = offered.some(({ id }) => id === chosen) ? chosen : ''
}

function render() {
  offerLanes()
  const shown = steps.filter((step) => isShown(step, laneChoice.value))
  const used = new Set(shown.flatMap((step) => [step.from, step.to]))
  const shownLanes = lanes.filter(({ id }) => used.has(id))
  // As wide as the window gives, but not wider than a name needs, nor so narrow that it is cut.
  const room = (box.clientWidth - size.left - size.right) / Math.max(1, shownLanes.length)
  const lane = Math.min(size.lane[1], Math.max(size.lane[0], room))
  const place = new Map(shownLanes.map(({ id }, index) => [id, size.left + lane * (index + 0.5)]))
  const width = Math.max(box.clientWidth, size.left + lane * shownLanes.length + size.right)
  const height = shown.length * size.row + 10
  const [heads, lines] = drawLanes(place, shownLanes, lane, width, height)
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
    arrow.addEventListener('click', () => {
      choose(shown, arrows, index)
      reveal(arrow)
    })
    arrow.addEventListener('keydown', (event) => onKey(event, shown, arrows, index))
  }
  body.append(...arrows)
  const top = make('div')
  top.className = 'heads'
  top.style.width = `${width * zoom}px`
  top.append(heads)
  box.replaceChildren(top, body)
  if (arrows.length) choose(shown, arrows, Math.min(current, arrows.length - 1))
  else panel.replaceChildren(make('p', 'No step has been seen here.'))
  zoomText.textContent = `${Math.round(zoom * 100)} %`
}

function onKey(event, shown, arrows, index) {
  const moves = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: arrows.length - 1, Enter: index, ' ': index }
  const next = moves[event.key]
  if (next === undefined || !arrows[next]) return
  event.preventDefault()
  arrows[index].setAttribute('tabindex', '-1')
  arrows[next].focus({ preventScroll: true })
  choose(shown, arrows, next)
  reveal(arrows[next])
}

/** The arrow itself, not only its row: below the names of the lanes, and in the middle where it was out of sight. */
function reveal(arrow) {
  box.scrollIntoView({ block: 'nearest' })
  const [inside, row] = [box.getBoundingClientRect(), arrow.querySelector('.hit').getBoundingClientRect()]
  const over = inside.top + size.head * zoom - row.top
  const under = row.bottom - (inside.top + box.clientHeight)
  if (over > 0) box.scrollTop -= over
  else if (under > 0) box.scrollTop += under
  const shaft = arrow.querySelector('.shaft').getBoundingClientRect()
  const [left, right] = [shaft.left - inside.left - 12, shaft.right - inside.left + 12]
  if (left >= 0 && right <= box.clientWidth) return
  box.scrollLeft += right - left > box.clientWidth ? left : (left + right - box.clientWidth) / 2
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

/** What really happened is the heading; what the textbook says of it is beside it. */
function showEvidence(step) {
  const evidence = [step.evidence, ...(step.more ?? [])].flatMap(({ node, file, line, text }, index) => [
    make('p', '', make('strong', index ? 'also: ' : 'evidence: '), make('code', `${node}:${file}:${line}`)),
    make('pre', text.trim()),
  ])
  const took = step.tookMs === undefined ? '' : `, answered after ${seconds(step.tookMs)}`
  const textbook = step.text
    ? [make('p', '', make('strong', `${step.source}, ${step.name}: `), step.text)]
    : [make('p', 'Not a step of the textbook.')]
  const zed = step.zed
    ? [
        make('p', '', make('strong', 'in Zed: '), step.zed.does),
        make('p', `Why: ${step.zed.why}.`),
        make('p', `Since: ${step.zed.since}.`),
      ]
    : []
  const who = step.from === step.to ? step.from : `${step.from} → ${step.to}`
  panel.replaceChildren(
    make(
      'div',
      '',
      make('h3', [step.name, who].filter(Boolean).join(': ')),
      make('p', `${step.kind} at ${seconds(step.atMs)}${took}`),
      make('p', step.what),
      ...textbook,
      ...zed,
    ),
    make('div', '', ...evidence),
  )
  panel.scrollTop = 0
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

/** On the live page: more steps of the same launch, or another one. What is chosen and focused stays so. */
document.addEventListener('trace-data', ({ detail }) => {
  const chosen = steps.filter((step) => isShown(step, laneChoice.value))[current]
  const isFocused = box.contains(document.activeElement)
  ;({ lanes, steps } = detail)
  offerLanes()
  const shown = steps.filter((step) => isShown(step, laneChoice.value))
  const same = shown.findIndex((step) => chosen && !detail.latest && step.key === chosen.key)
  current = same >= 0 ? same : Math.max(0, detail.latest ? shown.length - 1 : 0)
  render()
  const arrow = box.querySelector('.arrow[aria-current]')
  if (isFocused) arrow?.focus({ preventScroll: true })
  if (arrow && detail.latest) box.scrollTop = box.scrollHeight
})

let drawnFor = 0
new ResizeObserver(() => {
  if (box.clientWidth === drawnFor) return
  drawnFor = box.clientWidth
  render()
}).observe(box)
