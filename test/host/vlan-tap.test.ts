/** The tagged interface for a kernel without 802.1Q, between two real network namespaces. */

import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { expect, test } from 'vitest'

const tap = fileURLToPath(new URL('../../scripts/host/vlan-tap.py', import.meta.url))

/**
 * Two stations, each a network namespace with a bridge, with their bridges connected. The far one first has the near
 * one's VLAN ID, then another; prints which answers arrive. The connection is known to work before, so silence is
 * caused by the tag.
 */
const script = `set -eu
unshare --net sleep 60 & other=$!
far() { nsenter --net=/proc/$other/ns/net bash -c "$(declare -f bridge tagged); $1"; }
# A tap that goes ends its program; without that the programs, and with them the namespaces, would live on.
trap 'ip link del tagged; far "ip link del tagged"; kill $other' EXIT
until [ "$(readlink /proc/$other/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.02; done
bridge() {
  ip link add br0 type bridge
  ip link set br0 up
  ip link set wire master br0
  ip link set wire up
}
tagged() { # number, VLAN ID
  python3 ${tap} br0 tagged $2
  ip link set tagged address $(ip -o link show br0 | sed -n 's|.*link/ether \\([^ ]*\\).*|\\1|p')
  ip address add 192.0.2.$1/24 dev tagged
  ip link set tagged up
}
ip link add wire type veth peer name wire netns $other
bridge
tagged 1 101
far 'bridge; tagged 2 101'
# Ends with the second answer; on a busy machine the first may take its time.
echo same ID: $(ping -n -c 2 -i 0.2 -w 15 192.0.2.2)
# A segment larger than the wire's MTU: the checksums and the segmentation are left to the receiver.
nsenter --net=/proc/$other/ns/net timeout 15 python3 -c "
import socket
with socket.create_server(('192.0.2.2', 9)) as server:
    peer, _ = server.accept()
    print('received', sum(len(part) for part in iter(lambda: peer.recv(65536), b'')), flush=True)" &
listener=$!
timeout 15 python3 -c "
import socket, time
for attempt in range(100):
    try: connection = socket.create_connection(('192.0.2.2', 9)); break
    except ConnectionRefusedError: time.sleep(0.05)
connection.sendall(b'x' * 300000)
connection.close()"
wait $listener
far 'ip link del tagged; tagged 2 102'
ip neigh flush dev tagged
echo other ID: $(ping -n -c 3 -i 0.2 -W 1 192.0.2.2)
`

// Only root can create network namespaces and taps; the containers that run these tests have root.
test.runIf(process.getuid?.() === 0)(
  'stations reach each other by the same VLAN ID alone, in large segments too',
  async () => {
    const { stdout } = await execa('unshare', ['--net', 'bash', '-c', script], { timeout: 50_000 })
    expect(stdout).toMatch(/^same ID: .* [1-9]\d* received/m)
    expect(stdout).toMatch(/^received 300000$/m)
    expect(stdout).toMatch(/^other ID: .*100% packet loss/m)
  },
  60_000,
)
