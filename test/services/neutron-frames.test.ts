import { execa } from 'execa'
import { expect, test } from 'vitest'
import { frames } from '../../scripts/services/neutron-frames.ts'

const [program, extension] = frames.files.map(({ content }) => String(content))

/**
 * A bridge with three instances in a separate namespace: `send` tells which of the others receive each kind of frame
 * that the first one sends. What the agent's extension imports is simulated.
 */
const stage = `
mount -t tmpfs tmpfs /run; mkdir -p /run/py/oslo_concurrency /run/py/neutron_lib; cd /run; export PYTHONPATH=/run/py
printf '%s' "$program" >port-frames; printf '%s' "$extension" >py/duostack_frames.py
mkdir bin; PATH=/run/bin:$PATH; ln -s "$(command -v ebtables-nft || command -v ebtables)" bin/ebtables; chmod +x port-frames
folder=py/neutron/plugins/ml2/drivers/linuxbridge/agent; mkdir -p $folder py/neutron_lib/agent py/neutron_lib/utils
echo 'import subprocess
ebtables = lambda words: subprocess.run(["ebtables", "-t", "nat", *words], check=True, text=True, stdout=subprocess.PIPE).stdout' >$folder/arp_protect.py
echo 'L2AgentExtension = object' >py/neutron_lib/agent/l2_extension.py
echo 'is_port_trusted = lambda port: port["device_owner"].startswith("network:")' >py/neutron_lib/utils/net.py
echo 'synchronized = lambda name: lambda work: work' >py/oslo_concurrency/lockutils.py
port() { python3 -c "import duostack_frames; duostack_frames.FreePorts().$1(None, $2)"; }
ip link add br0 type bridge mcast_snooping 0; ip link set br0 up
for one in 1 2 3; do
  ip link add tap$one type veth peer name guest$one; ip link set tap$one master br0 up
  sysctl -qw net.ipv6.conf.guest$one.disable_ipv6=1; ip link set guest$one up
done
cat >send.py <<'end'
import socket, struct
def listen(name):
    one = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    one.bind((name, 0)); one.settimeout(0.1)
    return one
hearers = {name: listen(name) for name in ('guest2', 'guest3')}
first = listen('guest1')
mac = bytes.fromhex('020000000001')
kinds = {'ARP': '0806', 'VLAN 0': '810000000800', 'VLAN 5': '810000050800', '802.1ad 0': '88a800000800',
  '802.1ad 5': '88a800050800', 'two tags': '88a80005810000000800', '0x9100': '910000050800', 'PPPoE': '88641100', 'LLC': '0040aaaa03'}
for kind, head in kinds.items():
    first.send(b'\\xff' * 6 + mac + bytes.fromhex(head) + b'\\0' * 60)
    heard = []
    for name, one in hearers.items():
        try:
            while one.recv(100)[6:12] != mac: pass
            heard.append(name)
        except TimeoutError: pass
    print(kind + ':', ' '.join(heard))
end
send() { python3 send.py; }
sleep 0.5
`

const toBoth = 'guest2 guest3'
const others = ['VLAN 0', 'VLAN 5', '802.1ad 0', '802.1ad 5', 'two tags', '0x9100', 'PPPoE', 'LLC']
const heard = (hearers: string) => [`ARP: ${toBoth}`, ...others.map((kind) => `${kind}: ${hearers}`.trim())]

const possible =
  process.getuid?.() === 0 &&
  (await execa('bash', ['-c', 'command -v ebtables-nft ebtables'], { reject: false })).stdout

async function staged(script: string): Promise<string[]> {
  const options = { input: `${stage}\n${script}`, env: { program, extension } }
  const { stdout, stderr } = await execa('unshare', ['--net', '--mount', 'bash', '-s'], options)
  expect(stderr).toBe('')
  return stdout.split('\n').map((line) => line.trim())
}

const missing = ['frames from instances are not looked at', 'frames to instances are not looked at']
const changed = 'the chain port-frames is not as it was made'

test.runIf(possible).each([
  ['without rules everything passes', 'send', heard(toBoth)],
  ['with them nothing passes that cannot be filtered', './port-frames; send', heard('')],
  [
    'a port without port security sends and hears everything, its neighbours do not',
    `./port-frames
port handle_port '{"device": "tap1", "port_security_enabled": False, "device_owner": "compute:nova"}'
port handle_port '{"device": "tap3", "port_security_enabled": False, "device_owner": "compute:nova"}'
send`,
    heard('guest3'),
  ],
  [
    'with port security on again it is like the others; DHCP never was otherwise; told twice is told once',
    `./port-frames
for one in False False True True; do
  port handle_port "{'device': 'tap1', 'port_security_enabled': $one, 'device_owner': 'compute:nova'}"
done
port handle_port '{"device": "tap2", "port_security_enabled": False, "device_owner": "network:dhcp"}'
port handle_port '{"device": "tap3", "port_security_enabled": False, "device_owner": "compute:nova"}'
port delete_port '{"device": "tap3", "port_id": "3"}'
send; ./port-frames check; ebtables -t nat -L | grep -c -- '-j RETURN'`,
    [...heard(''), '4'],
  ],
  ['what is whole is left alone', './port-frames; ./port-frames; ./port-frames check; echo whole', ['whole']],
  ['nothing is there', './port-frames check', [...missing, changed]],
  ['a jump is gone', './port-frames; ebtables -t nat -D POSTROUTING 1; ./port-frames check', [missing[1]]],
  ['a rule is gone', './port-frames; ebtables -t nat -D port-frames 1; ./port-frames check', [changed]],
  ['the chain is empty', './port-frames; ebtables -t nat -F port-frames; ./port-frames check', [changed]],
  [
    'what was broken is made whole',
    './port-frames; ebtables -t nat -F port-frames; ./port-frames; ./port-frames check; send',
    heard(''),
  ],
  [
    'an agent whose rules somebody has removed does not hang',
    `port handle_port '{"device": "tap1", "port_security_enabled": False, "device_owner": "compute:nova"}'; echo done`,
    ['done'],
  ],
])('%s', async (_title, script, expected) => {
  expect(await staged(`${script} || true`)).toEqual(expected)
})
