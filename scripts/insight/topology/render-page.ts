/** The topology as a page, or as a section of one: the picture, and everything in it as tables. */

import { readFileSync } from 'node:fs'
import { escapeHtml, renderPage, renderTable, type Section } from '../page/page.ts'
import { nameOfPlace } from '../wire/places.ts'
import type { Machine, Topology } from './model.ts'
import { renderSvg } from './render-svg.ts'
import { kindWords, placesOfAll } from './render-text.ts'

const own = (name: string) => readFileSync(new URL(`page/${name}`, import.meta.url), 'utf8')

const code = (text: string) => `<code>${escapeHtml(text)}</code>`

function renderMachine(machine: Machine): string {
  const { name, interfaces, chains, dnsmasq, instances, nat = [] } = machine
  const rows = interfaces.map((one) => [
    code(one.name),
    escapeHtml(kindWords(one)),
    one.up ? '<span class="good">up</span>' : '<span class="bad">down</span>',
    String(one.mtu),
    code(one.mac),
    escapeHtml(one.addresses.join(', ')),
    code(one.master ?? ''),
    code(one.namespace ?? ''),
  ])
  const listed = (rules: readonly string[]) =>
    `<details><summary>${rules.length} rules</summary><pre>${escapeHtml(rules.join('\n'))}</pre></details>`
  const translations = nat.map(({ namespace, rules }) => [code(namespace), listed(rules)])
  const filters = chains.map(({ chain, what, rules }) => [code(chain), what, listed(rules)])
  const running = instances.map(({ name: own, domain, id, state, interfaces: taps }) => [
    escapeHtml(own),
    code(domain),
    code(id),
    escapeHtml(state),
    code(taps.map(({ tap }) => tap).join(' ')),
  ])
  return [
    `<h3>${escapeHtml(name)}</h3>`,
    renderTable(
      `Interfaces of ${name}`,
      ['name', 'kind', 'state', 'MTU', 'MAC', 'addresses', 'in bridge', 'in namespace'],
      rows,
    ),
    ...(running.length ? [renderTable(`Instances on ${name}`, ['name', 'domain', 'id', 'state', 'tap'], running)] : []),
    ...(dnsmasq.length
      ? [
          renderTable(
            `dnsmasq on ${name}`,
            ['pid', 'network'],
            dnsmasq.map((one) => [String(one.pid), code(one.network)]),
          ),
        ]
      : []),
    ...(nat.length ? [renderTable(`NAT on ${name}`, ['namespace', 'rules'], translations)] : []),
    ...(filters.length ? [renderTable(`Filters of the ports on ${name}`, ['chain', 'filters', 'rules'], filters)] : []),
  ].join('\n')
}

/** By the instance's id: a name may be anything. */
function renderPlaces(topology: Topology): string {
  const rows = placesOfAll(topology).flatMap(({ instance, places }) =>
    places.map((place) => [
      escapeHtml(instance.name),
      place.name,
      code(nameOfPlace(place)),
      code(`./lab capture ${instance.id} --at ${place.name}`),
    ]),
  )
  return rows.length
    ? renderTable('Where packets can be seen', ['instance', 'place', 'what it is', 'command'], rows)
    : ''
}

export function topologySection(topology: Topology): Section {
  const networks = topology.networks.map(({ name, type, segment, bridge, id }) => [
    escapeHtml(name),
    escapeHtml(segment === undefined ? type : `${type} ${segment}`),
    code(bridge),
    code(id),
  ])
  return {
    id: 'topology',
    title: 'Topology',
    css: own('topology.css'),
    script: own('topology-page.mjs'),
    html: [
      '<p class="soft">Blue lines are links between machines, green lines connect an interface to its bridge, dashed lines carry a VLAN tag or VXLAN. Select a box, or move from one to the next with the arrow keys, to see its details.</p>',
      `<div class="scroll picture" role="region" aria-label="Picture of the topology">${renderSvg(topology)}</div>`,
      '<p id="topology-details" aria-live="polite" hidden></p>',
      renderTable('Networks in Neutron', ['name', 'type', 'bridge on the nodes', 'id'], networks),
      '<details><summary>Everything in the picture, as tables</summary>',
      ...topology.machines.map(renderMachine),
      renderPlaces(topology),
      '</details>',
    ].join('\n'),
  }
}

export function renderTopologyPage(topology: Topology): string {
  const { name, id, hypervisor } = topology.lab
  const intro = `<p class="soft">Lab ${escapeHtml(id)}, nodes ${escapeHtml(hypervisor)}; read from the running system.</p>`
  return renderPage({ title: `Topology of ${name}`, intro, sections: [topologySection(topology)] })
}
