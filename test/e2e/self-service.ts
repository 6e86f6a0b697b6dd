/** A living lab is switched to self-service networks, used, and switched back. */

import { expect, test } from 'vitest'
import { client, expectVerified } from '../harness/answers.ts'
import { clientTests } from '../harness/clients.ts'
import type { Copy } from '../harness/copy.ts'
import { bringUp, declareNetworking, expectRun } from '../harness/lab.ts'
import { noChange } from '../harness/output.ts'
import { classTests } from './class.ts'
import { routerTests } from './routers.ts'

/** `scale`: how much slower than native the nodes are. About seven minutes in containers. */
export function selfServiceTests(copy: () => Copy, scale: number): void {
  test('up gives a running lab routers and project networks, and leaves its instance alone', async () => {
    const id = await client(copy(), 'server', 'show', 'test', '-f', 'value', '-c', 'id')
    await declareNetworking(copy(), 'self-service')
    await bringUp(copy())
    expect(await bringUp(copy())).toMatch(noChange)
    await expectVerified(copy())
    expect(await client(copy(), 'server', 'show', 'test', '-f', 'value', '-c', 'id')).toBe(id)
  })

  routerTests(copy, scale)
  clientTests(copy, { whole: false })
  classTests(copy)

  test('the way back is refused while a user has a router, which is named, and nothing is touched', async () => {
    const asDemo = (...args: string[]) => client(copy(), '--os-cloud', 'demo', ...args)
    const router = (await asDemo('router', 'create', 'mine', '-f', 'value', '-c', 'id')).trim()
    await declareNetworking(copy(), 'provider')
    const refused = await copy().run('./lab', 'up')
    expect(refused.exitCode).toBe(1)
    expect(refused.all).toContain(`users have routers: mine (${router})`)
    expect(await client(copy(), 'router', 'list', '-f', 'value', '-c', 'Name')).toMatch(
      /^(mine|router)\n(mine|router)$/,
    )
    await asDemo('router', 'delete', router)
  })

  test('up takes what it made back, and the lab is a provider lab again', async () => {
    await bringUp(copy())
    await expectVerified(copy())
    await expectRun(copy(), 'doctor')
    const left = await copy().run(
      './lab',
      'ssh',
      'controller',
      'ip netns | grep -c qrouter; systemctl is-active neutron-l3-agent',
    )
    expect(left.stdout).toBe('0\ninactive')
  })
}
