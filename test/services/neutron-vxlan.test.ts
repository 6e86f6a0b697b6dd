import { execa } from 'execa'
import { expect, test } from 'vitest'
import { vxlanPeers } from '../../scripts/services/neutron-vxlan.ts'
import { fixtureLab } from '../fixtures/lab.ts'

const program = String(vxlanPeers(fixtureLab('lxc', { networking: 'self-service' })).files[0]?.content)

/** A node in a namespace of the test's own; `hear` tells from which address and interface VXLAN's packets come in. */
const stage = `
mount -t tmpfs tmpfs /run; cd /run; printf '%s' "$program" >vxlan-peers; chmod +x vxlan-peers
ip link set lo up
for wire in 0 1; do
  ip netns add there$wire
  ip link add eth$wire type veth peer name wire netns there$wire
  ip -n there$wire link set wire up; ip link set eth$wire up
done
ip address add 10.0.0.11/24 dev eth0
for address in 10.0.0.31 10.0.0.1; do ip -n there0 address add $address/24 dev wire; done
ip -n there1 address add 10.0.0.31/24 dev wire
sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.eth0.rp_filter=0 net.ipv4.conf.eth1.rp_filter=0
cat >hear.py <<'end'
import socket, subprocess, sys
one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); one.bind(('0.0.0.0', 4789)); one.settimeout(0.5)
for namespace, source in (('there0', '10.0.0.31'), ('there0', '10.0.0.1'), ('there1', '10.0.0.31')):
    send = f"import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('{source}', 0)); s.sendto(b'x', ('10.0.0.11', 4789))"
    subprocess.run(['ip', 'netns', 'exec', namespace, 'python3', '-c', send], check=True)
    try: one.recv(9); print(namespace, source)
    except TimeoutError: pass
end
hear() { python3 hear.py; }
`

const possible =
  process.getuid?.() === 0 && (await execa('bash', ['-c', 'command -v iptables'], { reject: false })).stdout

async function staged(script: string): Promise<string[]> {
  const options = { input: `${stage}\n${script}`, env: { program } }
  const { stdout, stderr } = await execa('unshare', ['--net', '--mount', 'bash', '-s'], options)
  expect(stderr).toBe('')
  return stdout.split('\n')
}

const changed = 'the rules for VXLAN are not as they were made'
const nodeOnly = ['there0 10.0.0.31']

test.runIf(possible).each([
  ['without the rules everybody is heard', 'hear', [...nodeOnly, 'there0 10.0.0.1', 'there1 10.0.0.31']],
  ['with them a node on the management interface alone', './vxlan-peers; hear', nodeOnly],
  ['what is whole is left alone', './vxlan-peers; ./vxlan-peers; ./vxlan-peers check; echo whole', ['whole']],
  ['nothing is there', './vxlan-peers check', [changed]],
  ['the jump is gone', './vxlan-peers; iptables -t mangle -D INPUT 1; ./vxlan-peers check', [changed]],
  ['a rule is gone', './vxlan-peers; iptables -t mangle -D vxlan-peers 1; ./vxlan-peers check', [changed]],
  [
    'what was broken is made whole',
    './vxlan-peers; iptables -t mangle -F vxlan-peers; ./vxlan-peers; ./vxlan-peers check; hear',
    nodeOnly,
  ],
])('%s', async (_title, script, expected) => {
  expect(await staged(`${script} || true`)).toEqual(expected)
})

test('without an overlay there is nothing to guard', () => {
  expect(vxlanPeers(fixtureLab('kvm'))).toEqual({ files: [], setup: [], before: [] })
})
