import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { expect, test } from 'vitest'

const tap = fileURLToPath(new URL('../../scripts/host/vlan-tap.py', import.meta.url))

/**
 * Two stations, each a network namespace with a bridge, their bridges joined by a wire. `far` is the VLAN ID of the far
 * one; prints what answers the near one, and how many frames on the wire carried tag 101.
 */
const script = (far: number) => `set -eu
unshare --net sleep 60 & other=$!
# A tap that goes ends its program; without that the programs, and with them the namespaces, would live on.
trap 'ip link del tagged; nsenter --net=/proc/$other/ns/net ip link del tagged; kill $other' EXIT
until [ "$(readlink /proc/$other/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.02; done
station() { # number, VLAN ID
  ip link add br0 type bridge
  ip link set br0 up
  ip link set wire master br0
  ip link set wire up
  python3 ${tap} br0 tagged $2
  ip link set tagged address $(ip -o link show br0 | sed -n 's|.*link/ether \\([^ ]*\\).*|\\1|p')
  ip address add 192.0.2.$1/24 dev tagged
  ip link set tagged up
}
ip link add wire type veth peer name wire netns $other
station 1 101
nsenter --net=/proc/$other/ns/net bash -c "$(declare -f station); station 2 ${far}"
ping -n -c 2 -i 0.2 -W 2 192.0.2.2 || true
# A segment larger than the wire's MTU: the checksums and the segmentation are left to the receiver.
if [ ${far} = 101 ]; then
  nsenter --net=/proc/$other/ns/net timeout 20 python3 -c "
import socket
with socket.create_server(('192.0.2.2', 9)) as server:
    peer, _ = server.accept()
    print('received', sum(len(part) for part in iter(lambda: peer.recv(65536), b'')), flush=True)" &
  listener=$!
  timeout 20 python3 -c "
import socket, time
for attempt in range(50):
    try: connection = socket.create_connection(('192.0.2.2', 9)); break
    except ConnectionRefusedError: time.sleep(0.1)
connection.sendall(b'x' * 300000)
connection.close()"
  wait $listener
fi
`

const run = (far: number) => execa('unshare', ['--net', 'bash', '-c', script(far)])

// Root alone makes network namespaces and taps; the containers in which these tests run have it.
const asRoot = process.getuid?.() === 0

test.runIf(asRoot)('stations with the same VLAN ID reach each other, in large segments too', async () => {
  const { stdout } = await run(101)
  expect(stdout).toMatch(/2 packets transmitted, 2 received/)
  expect(stdout).toMatch(/received 300000/)
})

test.runIf(asRoot)('stations with different VLAN IDs do not', async () => {
  expect((await run(102)).stdout).toMatch(/100% packet loss/)
})
