import { describe, expect, test } from 'vitest'
import { traceOf } from '../../../scripts/insight/trace/flow.ts'
import { renderMermaid } from '../../../scripts/insight/trace/render-mermaid.ts'
import { renderTracePage } from '../../../scripts/insight/trace/render-page.ts'
import { showTrace } from '../../../scripts/insight/trace/render-text.ts'
import { floatingSteps, projectSteps } from '../../../scripts/insight/trace/self-service-steps.ts'
import { textSteps } from '../../../scripts/insight/trace/steps.ts'
import { readRecording } from './recording.ts'

const idsOf = (steps: readonly { textStep: string | null }[]) => steps.flatMap(({ textStep }) => textStep ?? [])

describe('the trace of a launch on a project network', () => {
  const recorded = readRecording('project-network')
  // Recorded before the recorder watched VXLAN: the line that it writes now.
  const fdb = {
    node: 'controller',
    file: '/var/log/duostack/trace-792ba679/fdb.log',
    first: 1,
    lines: [`[2026-11-29T12:01:23.412345] vxlan: + ${recorded.ids.macs[0]} dev vxlan-851 dst 10.0.0.31 self permanent`],
  }
  const trace = traceOf({ ...recorded, files: [...recorded.files, fdb] })
  const step = (id: string) => trace.steps.find(({ textStep }) => textStep === id)!

  test('has the textbook steps, and those that a project network adds', () => {
    const wanted = [...textSteps, ...projectSteps].map(({ id }) => id)
    expect(idsOf(trace.steps).sort()).toEqual(wanted.sort())
    expect(trace.notSeen).toEqual([])
  })

  test('another node learns where the port is, from a message to all agents', () => {
    expect(step('project-1')).toMatchObject({ kind: 'RPC cast', what: expect.stringContaining('_fanout') })
    expect(step('project-2')).toMatchObject({ kind: 'queue', to: 'neutron-linuxbridge-agent@controller' })
    const entry = new RegExp(`^vxlan: \\+ ${trace.ids.macs[0]} dev vxlan-\\d+ dst 10\\.0\\.0\\.31 `)
    expect(step('project-3')).toMatchObject({ kind: 'kernel', what: expect.stringMatching(entry) })
  })

  test('its metadata comes through the router, first to the proxy in the namespace', () => {
    expect(step('project-4').from).toBe('haproxy@controller')
    expect(step('project-4').evidence.text).toContain(`haproxy-metadata-proxy-${trace.ids.router}`)
    expect(step('project-5').from).toBe('neutron-metadata-agent@controller')
    expect(step('project-5').atMs).toBeGreaterThan(step('project-4').atMs)
  })
})

describe('the trace of a floating IP', () => {
  const recording = readRecording('floating-ip')
  const trace = traceOf(recording)
  const step = (id: string) => trace.steps.find(({ textStep }) => textStep === id)!

  test('has every step once, down to the rules of NAT and the address in the namespace of the router', () => {
    expect(idsOf(trace.steps).sort()).toEqual(floatingSteps.map(({ id }) => id).sort())
    expect(trace.notSeen).toEqual([])
    const address = trace.server.name.replace('floating IP ', '')
    expect(step('floating-10').what).toMatch(
      new RegExp(`PREROUTING -d ${address}/32 -j DNAT --to-destination 172\\.16\\.1\\.`),
    )
    expect(step('floating-11').what).toContain(`-j SNAT --to-source ${address}`)
    expect(step('floating-12').what).toContain(`+ inet ${address}/32`)
  })

  test('neutron-api has answered before the L3 agent begins, and the client waits for nothing else', () => {
    expect(step('floating-5')).toMatchObject({ kind: 'RPC cast', rpc: 'cast', from: 'neutron-api@controller' })
    expect(step('floating-7')).toMatchObject({ rpc: 'call', from: 'neutron-l3-agent@controller' })
    const answered = step('floating-2').atMs + step('floating-2').tookMs!
    expect(answered).toBeLessThan(step('floating-10').atMs)
  })

  test('is called an association everywhere, and quotes no textbook', () => {
    for (const text of [showTrace(trace), renderTracePage(trace)]) {
      expect(text).toMatch(/[Aa]ssociation of floating IP/)
      expect(text).not.toMatch(/textbook: (?!\$)/)
    }
    expect(showTrace(trace)).toContain('All steps were seen.')
    expect(renderMermaid(trace)).toContain('Floating 10')
  })

  test('without an L3 agent it stops at the message that nobody took', () => {
    const files = recording.files.map((file) => ({
      ...file,
      lines: file.lines.filter(
        (line) =>
          !/neutron-l3-agent|qrouter|reply_|floatingip_statuses|status='ACTIVE'|"kind": "deliver".*routers_updated/.test(
            line,
          ),
      ),
    }))
    const dead = traceOf({
      ...recording,
      ended: recording.ended + 10_000,
      server: { ...recording.server, status: 'DOWN' },
      files: files.map(({ numbers: _, ...file }) => file),
    })
    expect(dead.stop?.because).toContain('the floating IP is DOWN')
    expect(dead.stop?.because).toContain('routers_updated (RPC cast) is still in the queue l3_agent.controller')
    expect(dead.stop?.after).toBe('floating-5')
    expect(dead.notSeen.map(({ reason }) => reason)).toContain('the floating IP did not get this far')
  })
})
