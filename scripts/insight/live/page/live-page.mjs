/** Receives what happens in the lab, and shows it. */

import { knowPicture, knowRates, knowStatus, select, showDetailsWith } from './details.mjs'
import { byId, command, make } from './dom.mjs'
import { openLaunch, showLaunches } from './launches.mjs'
import { showPicture, showRates } from './map.mjs'

/** What could not be read, by part. */
const silent = new Map()
let status

showDetailsWith({ openLaunch })

function item({ what, seen, next }) {
  return make('li', {}, make('b', {}, what), make('div', {}, seen), ...(next ? [command(next)] : []))
}

function renderHealth() {
  const parts = [...silent].map(([part, text]) => ({ what: `${part} could not be read`, seen: text }))
  const troubles = status?.troubles ?? []
  const ofLab = troubles.filter(({ ofUser }) => !ofUser)
  const isGood = status?.healthy && parts.length === 0
  const badge = byId('health')
  const count = ofLab.length + parts.length
  badge.textContent = !status ? 'reading…' : isGood ? 'healthy' : `${count || 1} problem${count > 1 ? 's' : ''}`
  badge.className = `badge ${!status ? '' : isGood ? 'good' : 'bad'}`
  const all = [...parts, ...troubles]
  const summary = status
    ? `${status.nodes.length} nodes, ${status.endpoints} endpoints and ${status.agents} agents answer, ${status.instances.length} instances; read at ${new Date(status.at).toLocaleTimeString()}`
    : ''
  byId('trouble-list').replaceChildren(
    ...(all.length
      ? [make('ul', { class: 'troubles' }, ...all.map(item))]
      : [make('p', { class: 'good' }, status ? '✓ Everything is healthy.' : '')]),
    make('p', { class: 'soft' }, summary),
    ...(all.length ? [make('p', { class: 'soft' }, 'Causes and repairs:'), command('./lab doctor')] : []),
  )
}

const takers = {
  topology({ picture }) {
    knowPicture(picture)
    showPicture(picture, select)
  },
  rates({ rates }) {
    showRates(rates)
    knowRates(rates)
  },
  status(event) {
    status = { ...event.status, at: event.at }
    knowStatus(status)
    renderHealth()
  },
  launch: ({ launch }) => showLaunches(launch),
  trouble({ part, text }) {
    if (text) silent.set(part, text)
    else silent.delete(part)
    renderHealth()
  },
}

const link = byId('link')
const source = new EventSource('events')
source.addEventListener('open', () => {
  link.textContent = 'live'
  link.className = 'good'
})
source.addEventListener('error', () => {
  link.textContent = 'not connected: is ./lab open --live still running?'
  link.className = 'bad'
})
source.addEventListener('message', ({ data }) => {
  const event = JSON.parse(data)
  takers[event.kind]?.(event)
})
