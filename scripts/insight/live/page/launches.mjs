/** Launches as they happen: which there are, how far each is, and its sequence of arrows. */

import { byId, command, make, visible } from './dom.mjs'
import { pulse } from './map.mjs'

const list = byId('launch-list')
/** In the order in which they were first seen. */
const launches = new Map()
/** As many as the server keeps. */
const kept = 30
/** By launch: its button, which stays the same while its text changes, and so keeps the focus. */
const buttons = new Map()
/** By launch: the steps that were already there. */
const known = new Map()
let shown
/** Chosen by a person: others that begin then do not push it aside. */
let isChosen = false

const keyOf = ({ textStep, kind, from, to, evidence }) =>
  `${textStep ?? ''} ${kind} ${from} ${to} ${evidence.file} ${evidence.line}`

const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`
const seenOf = ({ steps }) => new Set(steps.flatMap(({ textStep }) => textStep ?? [])).size

function describe(launch) {
  const { server, of, tookMs, source } = launch
  const steps = `${seenOf(launch)} of ${of} steps seen`
  const where = server.host ? ` on ${server.host}` : ''
  return source === 'logs'
    ? `${server.status}${where}, from the logs: ${steps}`
    : `${server.status}${where}, ${steps}, ${seconds(tookMs)}`
}

/** An ACTIVE one is built, also while its last steps are still awaited. */
const stateOf = ({ ended, server }) => (server.status === 'ACTIVE' ? 'good' : ended ? 'bad' : 'building')

function buttonOf({ id }) {
  const known = buttons.get(id)
  if (known) return known
  const onclick = () => {
    isChosen = true
    show(id, false)
  }
  const button = make('button', { type: 'button', onclick }, make('b', {}), make('span', {}))
  buttons.set(id, button)
  return button
}

/** `20 launches: 7 being built, 12 ACTIVE, 1 not ACTIVE` */
function summaryOf(all) {
  const count = (state) => all.filter((one) => stateOf(one) === state).length
  const parts = [
    [count('building'), 'being built'],
    [count('good'), 'ACTIVE'],
    [count('bad'), 'not ACTIVE'],
  ]
  const words = parts.flatMap(([number, text]) => (number ? [`${number} ${text}`] : []))
  return `${all.length} launches: ${words.join(', ')}`
}

function renderList() {
  const newest = [...launches.values()].reverse()
  const wanted = newest.map((launch) => {
    const button = buttonOf(launch)
    const [name, state] = button.children
    button.className = `launch ${stateOf(launch)}`
    button.setAttribute('aria-pressed', String(launch.id === shown))
    name.textContent = visible(launch.server.name)
    button.title = visible(launch.server.name)
    state.textContent = visible(launch.ended ? launch.server.status : `step ${seenOf(launch)} of ${launch.of}`)
    return button
  })
  byId('launch-count').textContent = newest.length > 1 ? summaryOf(newest) : ''
  // Moving a button would take the focus from it.
  if (wanted.some((button, index) => list.children[index] !== button) || list.children.length !== wanted.length)
    list.replaceChildren(...wanted)
}

function renderEnd(launch) {
  const { stop, notSeen, ended, server, source } = launch
  const parts = []
  if (stop) {
    parts.push(
      make('h3', {}, ended || server.status === 'ERROR' ? 'Where it stopped' : 'What it waits for'),
      make('p', {}, stop.because),
      ...stop.evidence.map(({ node, file, line, text }) =>
        make('div', {}, make('code', {}, `${node}:${file}:${line}`), make('pre', {}, text.trim())),
      ),
    )
  }
  if (ended && notSeen.length) {
    parts.push(
      make(
        'details',
        {},
        make('summary', {}, `${notSeen.length} steps were not seen`),
        make(
          'ul',
          {},
          ...notSeen.map(({ text, reason }) => make('li', {}, text, make('span', { class: 'soft' }, ` (${reason})`))),
        ),
      ),
    )
  }
  if (ended && source === 'launch')
    parts.push(make('p', { class: 'soft' }, 'To show it again:'), command(`./lab trace ${server.id ?? server.name}`))
  byId('launch-end').replaceChildren(...parts)
  byId('launch-end').classList.toggle('notice', Boolean(stop))
}

function show(id, follows) {
  const launch = launches.get(id)
  const isOther = shown !== id
  shown = id
  byId('launch').hidden = false
  byId('launch-hint').hidden = true
  byId('launch-state').replaceChildren(make('b', {}, launch.server.name), `: ${describe(launch)}`)
  const before = known.get(id) ?? new Set()
  const steps = launch.steps.map((step) => ({ ...step, key: keyOf(step) }))
  const fresh = steps.filter(({ key }) => !before.has(key))
  known.set(id, new Set(steps.map(({ key }) => key)))
  for (const step of steps) step.fresh = follows && !before.has(step.key)
  const detail = { lanes: launch.lanes, steps, latest: (follows && fresh.length > 0) || (isOther && !launch.ended) }
  document.dispatchEvent(new CustomEvent('trace-data', { detail }))
  if (follows)
    pulse(new Set(fresh.flatMap(({ from, to }) => [from, to].map((end) => end.slice(end.lastIndexOf('@') + 1)))))
  renderEnd(launch)
  renderList()
}

/** A person who reads an arrow's evidence is not disturbed by the next one. */
const isReading = () =>
  byId('trace-diagram').contains(document.activeElement) || byId('trace-evidence').contains(document.activeElement)

export function showLaunches(launch) {
  launches.set(launch.id, launch)
  forget()
  if (shown === launch.id) show(launch.id, !launch.ended && !isReading())
  else if (!isChosen && !launch.ended && !isBusy()) show(launch.id, true)
  else if (shown === undefined && launch.ended) show(launch.id, false)
  else renderList()
}

/** The oldest of those that have ended. */
function forget() {
  const old = [...launches.values()].filter(({ id, ended }) => ended && id !== shown)
  for (const { id } of old.slice(0, Math.max(0, launches.size - kept))) {
    launches.delete(id)
    buttons.delete(id)
  }
}

/** The one that is shown is still being built. */
const isBusy = () => shown !== undefined && launches.get(shown)?.ended === false

/** Asked for by a person. */
export function openLaunch(id) {
  isChosen = true
  if (launches.has(id)) show(id, false)
  byId('launches').scrollIntoView({ block: 'start' })
}
