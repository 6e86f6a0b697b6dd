/** What is selected: its facts, its traffic, and what can be asked of it: logs, console, path, evidence, capture. */

import { ask, byId, command, draw, make, sizeText, turned, visible } from './dom.mjs'

const panel = byId('details')
/** How many readings a curve has: two minutes. */
const kept = 60

let picture
let status
let selected
let openLaunch = () => {}
/** By interface: the last readings. */
const history = new Map()
let curve

export function showDetailsWith(handlers) {
  openLaunch = handlers.openLaunch
}

export function knowPicture(next) {
  picture = next
  if (selected) select(selected, { again: true })
}

export function knowStatus(next) {
  status = next
}

export function knowRates(rates) {
  for (const [machine, own] of Object.entries(rates)) {
    for (const [name, rate] of Object.entries(own)) {
      const key = `${machine}/${name}`
      const list = history.get(key) ?? []
      list.push(rate)
      if (list.length > kept) list.shift()
      history.set(key, list)
    }
  }
  drawCurve()
}

/** Received and sent over the last two minutes. */
function drawCurve() {
  if (!curve) return
  const readings = curve.ids
    .map((id) => history.get(id))
    .filter(Boolean)
    .map((list) => (curve.isBehind ? list.map(turned) : list))
  const length = Math.max(0, ...readings.map((list) => list.length))
  const sums = Array.from({ length }, (_, index) =>
    readings.reduce(
      (sum, list) => {
        const [down, up] = list[list.length - length + index] ?? [0, 0]
        return [sum[0] + down, sum[1] + up]
      },
      [0, 0],
    ),
  )
  const top = Math.max(1, ...sums.flat())
  const line = (which) =>
    sums
      .map((rate, index) => `${(300 * (index + kept - length)) / (kept - 1)},${58 - (54 * rate[which]) / top}`)
      .join(' ')
  curve.svg.replaceChildren(
    draw('polyline', { points: line(0), class: 'down' }),
    draw('polyline', { points: line(1), class: 'up' }),
  )
  const [down, up] = sums.at(-1) ?? [0, 0]
  curve.text.textContent = length
    ? `received ${sizeText(down)}/s, sent ${sizeText(up)}/s; highest ${sizeText(top)}/s`
    : 'not counted'
}

/** `isBehind`: of what is at the other end of the interface. */
function traffic(ids, isBehind = false) {
  const svg = draw('svg', { class: 'curve', viewBox: '0 0 300 60', preserveAspectRatio: 'none', 'aria-hidden': 'true' })
  const text = make('p', { class: 'soft' })
  curve = { ids, isBehind, svg, text }
  return [make('h3', {}, 'Traffic'), svg, text]
}

const facts = (rows) =>
  make(
    'dl',
    { class: 'rows' },
    ...rows.filter(([, value]) => value).flatMap(([name, value]) => [make('dt', {}, name), make('dd', {}, value)]),
  )

const time = (at) => new Date(at).toISOString().slice(11, 23)

function showLines(out, { lines, error }) {
  if (error) return out.replaceChildren(make('p', { class: 'bad' }, error))
  if (!lines.length) return out.replaceChildren(make('p', { class: 'soft' }, 'No lines in the last 30 minutes.'))
  const rows = lines.map(({ at, node, from, level, text }) =>
    make(
      'div',
      { class: `line level-${level.toLowerCase()}` },
      make('span', { class: 'soft' }, `${time(at)} ${node} ${from} `),
      make('b', {}, `${level} `),
      text,
    ),
  )
  const list = make('div', { class: 'lines', tabindex: 0, role: 'log', 'aria-label': 'Log lines' }, ...rows)
  out.replaceChildren(
    make(
      'p',
      { class: 'soft' },
      `${lines.length} line${lines.length > 1 ? 's' : ''} of the last 30 minutes; times in UTC`,
    ),
    list,
  )
  list.scrollTop = list.scrollHeight
}

function showHops(out, { hops, error }) {
  if (error) return out.replaceChildren(make('p', { class: 'bad' }, error))
  const first = hops.findIndex(({ ok }) => !ok)
  out.replaceChildren(
    make(
      'p',
      { class: first < 0 ? 'good' : 'bad' },
      first < 0 ? 'Every hop is as it should be.' : `First failed check: ${hops[first].what}`,
    ),
    make(
      'ol',
      { class: 'hops' },
      ...hops.map(({ ok, what, seen, next }) =>
        make(
          'li',
          { class: ok ? '' : 'failed' },
          make('span', { class: ok ? 'good' : 'bad' }, ok ? '✓ ' : '✗ '),
          what,
          make('div', { class: 'soft' }, `seen: ${seen}`),
          ...(ok ? [] : [command(next)]),
        ),
      ),
    ),
  )
}

function showConsole(out, { url, error }) {
  // Only what leads to this machine: the address comes from Nova.
  if (error || !/^http:\/\/(127\.0\.0\.1|localhost):\d+\//.test(url)) {
    return out.replaceChildren(
      make('p', { class: 'bad' }, error ?? 'Nova gave an address that is not on this machine.'),
    )
  }
  const link = make('a', { href: url, target: '_blank', rel: 'noopener noreferrer' }, 'Open the console in a new tab')
  out.replaceChildren(make('p', {}, link, ' (Nova forgets the address after ten minutes)'))
  link.focus()
}

/** A button that asks the lab, and shows the answer below. */
function action(name, out, question, show) {
  const button = make('button', { type: 'button' }, name)
  button.addEventListener('click', async () => {
    button.disabled = true
    out.replaceChildren(make('p', { class: 'soft' }, 'Asking the lab…'))
    const answer = await ask(question)
    button.disabled = false
    // Something else may have been selected meanwhile.
    if (out.isConnected) show(out, answer)
  })
  return button
}

function showLaunch(out, { launch, error }) {
  if (error) return out.replaceChildren(make('p', { class: 'bad' }, error))
  out.replaceChildren(make('p', { class: 'soft' }, 'Shown below, at Launches.'))
  openLaunch(launch)
}

function ofInstance(instance, machine) {
  const known = status?.instances.find(({ id }) => id === instance.id)
  const out = make('div', { class: 'answer', 'aria-live': 'polite' })
  const wanted = { instance: instance.id }
  return [
    make('h2', {}, instance.name),
    facts([
      ['state', `${instance.state}${known ? `, in Nova ${known.status}` : ''}`],
      ['fault', known?.fault],
      ['address', instance.address],
      ['node', machine.name],
      ['id', instance.id],
    ]),
    make(
      'div',
      { class: 'actions' },
      action('Logs', out, { what: 'logs', ...wanted }, showLines),
      action('Console', out, { what: 'console', ...wanted }, showConsole),
      action('Evidence', out, { what: 'launch', ...wanted }, showLaunch),
      action('Path', out, { what: 'path', ...wanted }, showHops),
    ),
    out,
    ...traffic([instance.tap], true),
    ...captures(instance.id, 'tap'),
  ]
}

function captures(server, place) {
  return [make('h3', {}, 'Capture packets here'), command(`./lab capture ${server} --at ${place} --for 30s`)]
}

function ofMachine(machine) {
  const known = status?.nodes.find(({ name }) => name === machine.name)
  const out = make('div', { class: 'answer', 'aria-live': 'polite' })
  const isHost = machine.name === 'host'
  const load = known?.load === undefined ? undefined : `${known.load}`
  const memory = known?.usedMiB === undefined ? undefined : `${known.usedMiB} of ${known.memoryMiB} MiB in use`
  return [
    make('h2', {}, machine.title),
    facts([
      ['state', known?.silent ?? known?.state],
      ['memory', memory],
      ['load', load],
      ['instances', isHost ? undefined : String(machine.instances.length)],
    ]),
    ...(isHost
      ? []
      : [
          make(
            'div',
            { class: 'actions' },
            action('Logs', out, { what: 'logs', node: machine.name }, showLines),
            action('Warnings and errors', out, { what: 'logs', node: machine.name, level: 'WARNING' }, showLines),
          ),
          out,
        ]),
    ...traffic(machine.uplinks.map((name) => `${machine.name}/${name}`)),
    ...(isHost ? [] : [make('h3', {}, 'Log in'), command(`./lab ssh ${machine.name}`)]),
  ]
}

/** Where `./lab capture` listens for a box like this. */
function placeOf(box) {
  if (box.kind === 'tap') return 'tap'
  if (box.kind === 'bridge') return 'bridge'
  if (/\/qrouter-/.test(box.id)) return 'router'
  if (/\/qdhcp-/.test(box.id)) return 'dhcp'
  return /\/eth1$/.test(box.id) ? 'eth1' : undefined
}

/** A namespace is counted at the node's ends of its interfaces. */
function countedAt(box, machine) {
  if (box.kind !== 'endpoint') return [[box.id]]
  return [machine.lines.flatMap(({ from, to }) => (to === box.id ? from : [])), true]
}

function ofBox(box, machine) {
  const rules = picture.rules[box.id] ?? []
  const place = placeOf(box)
  // A place on the way to an instance: any that is on this machine, else any at all.
  const all = picture.machines.flatMap(({ instances }) => instances)
  const instance =
    all.find(({ tap }) => tap === box.id) ?? (place === 'tap' ? undefined : (machine.instances[0] ?? all[0]))
  const [name, ...others] = box.lines
  return [
    make('h2', {}, name),
    facts([
      ['on', machine.name],
      ['state', box.up ? 'up' : 'down'],
      ['what', others.join(', ')],
    ]),
    make('p', { class: 'soft' }, box.title),
    ...traffic(...countedAt(box, machine)),
    ...(rules.length
      ? [make('h3', {}, 'Rules'), make('pre', { tabindex: 0, 'aria-label': 'Rules of iptables' }, rules.join('\n'))]
      : []),
    ...(place && instance ? captures(instance.id, place) : []),
  ]
}

function contentOf(id) {
  for (const machine of picture.machines) {
    if (machine.name === id) return ofMachine(machine)
    const instance = machine.instances.find(({ box }) => box === id)
    if (instance) return ofInstance(instance, machine)
    const box = machine.boxes.find((one) => one.id === id)
    if (box) return ofBox(box, machine)
  }
  return undefined
}

/** What was asked stays while only the state has changed. */
export function select(id, { again = false } = {}) {
  const content = picture && contentOf(id)
  if (again && content) {
    panel.querySelector('.rows')?.replaceWith(content.find((one) => one.matches?.('.rows')))
    return
  }
  selected = id
  curve = undefined
  const shown = picture && contentOf(id)
  panel.replaceChildren(...(shown ?? [make('h2', {}, 'Details'), make('p', {}, `${visible(id)} is gone.`)]))
  drawCurve()
}
