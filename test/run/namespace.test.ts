import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { isRoot } from '../../scripts/run/process.ts'

const root = resolve(import.meta.dirname, '../..')
const load = (name: string) =>
  `const { ${name} } = await import(${JSON.stringify(join(root, 'scripts/run/namespace.ts'))})`
const making = `
process.umask(0o077)
${load('ensureNamespace')}
await ensureNamespace({ id: 'f00dcafe' })
await ensureNamespace({ id: 'f00dcafe' })
`

/** As on a machine that never had a named namespace: /run is empty, only for this process tree. */
async function made(look: string, program = making): Promise<string> {
  const node = [process.execPath, '--import', 'tsx', '--input-type=module', '-e', program]
  const script = `mount -t tmpfs tmpfs /run; "$@"; lab=duostack-f00dcafe; ${look}`
  const { stdout } = await execa('unshare', ['--mount', 'bash', '-ec', script, 'bash', ...node], { cwd: root })
  return stdout
}

test.runIf(isRoot)('every user can read the folder of namespaces that we created', async () => {
  const seen = await made("stat -c '%a %n' /run/netns; ls /run/netns; ip -n $lab -br link")
  expect(seen).toMatch(/^755 \/run\/netns\nduostack-f00dcafe\nlo +UNKNOWN/)
})

test.runIf(isRoot)(
  'from one network of the lab this machine is reached by its address there, and by no other',
  async () => {
    const seen = await made(`
ip netns add instance
ip -n $lab link add management type bridge; ip -n $lab addr add 10.0.0.1/24 dev management
ip -n $lab link add provider type bridge; ip -n $lab addr add 203.0.113.1/24 dev provider
ip -n $lab link add vnet0 master provider type veth peer name eth0 netns instance
for name in management provider vnet0; do ip -n $lab link set $name up; done
ip -n instance addr add 203.0.113.9/24 dev eth0; ip -n instance link set eth0 up
ip -n instance route add default via 203.0.113.1
for address in 203.0.113.1 10.0.0.1; do
  ip netns exec instance ping -n -c 1 -W 2 $address >/dev/null && echo "$address answers" || echo "$address is silent"
done
ip netns exec $lab ping -n -c 1 -W 2 10.0.0.1 >/dev/null && echo 'itself answers'
ip -n $lab -6 addr
ip netns exec $lab iptables -t raw -S PREROUTING | grep -c DROP`)
    expect(seen.split('\n')).toEqual(['203.0.113.1 answers', '10.0.0.1 is silent', 'itself answers', '1'])
  },
)

test.runIf(isRoot)(
  'a name whose namespace is in another mount namespace is told from one that is not there',
  async () => {
    const entering = `
${load('wayInside')}
for (const id of ['f00dcafe', '0badcafe'])
  try { wayInside({ id, isolation: 'netns' }, ['true']) } catch (error) { console.log(error.message) }`
    const elsewhere = await made('mkdir -p /run/netns; unshare --mount ip netns add $lab; "$@"', entering)
    const [unmounted, absent] = elsewhere
      .split('\n')
      .filter((line) => line.includes('/run/netns'))
      .slice(-2)
    expect(unmounted).toContain('another mount namespace')
    expect(absent).toContain('not running on this machine')
  },
)
