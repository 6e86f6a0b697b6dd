/** Part 8, IPv6 from an instance: router advertisements and DHCPv6 answers, as no instance may send them. */

import { expect, test } from 'vitest'
import { client } from '../harness/answers.ts'
import type { Copy } from '../harness/copy.ts'
import { onNode } from '../harness/lab.ts'
import { recorded } from '../harness/ledger.ts'
import { createPort, type Port, portFunctions } from '../harness/port-client.ts'

/** To everybody: "I am your router, and these are your addresses", then "this is your lease". */
const advertise = `import socket, struct
everybody = ('ff02::1', 0, 0, socket.if_nametoindex('eth0'))
one = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
prefix = struct.pack('!BBBBIII', 3, 4, 64, 0xc0, 3600, 3600, 0) + socket.inet_pton(socket.AF_INET6, '2001:db8:bad::')
one.sendto(struct.pack('!BBHBBHII', 134, 0, 0, 64, 0, 1800, 0, 0) + prefix, everybody)
lease = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
lease.bind(('::', 547))
lease.sendto(bytes(20), (everybody[0], 546) + everybody[2:])`

/** What leaves the sender's interface, what the other client receives, and what the node makes of it. */
const attack = (hostile: Port, other: Port) => `${portFunctions}
plug test-hostile ${hostile.id} ${hostile.mac} & plug test-other ${other.id} ${other.mac} & wait
for name in test-hostile test-other; do
  ip -n $name link set eth0 up
  ip netns exec $name tcpdump -l -n -i eth0 'icmp6[0] == 134 or ip6[40] == 134 or udp port 546' >$work/$name 2>/dev/null &
done
sleep 4
ip netns exec test-hostile python3 - <<'end'
${advertise}
end
sleep 3
echo "sent: $(grep -c . $work/test-hostile)"
echo "heard: $(grep -c . $work/test-other)"
ip -6 -o addr show scope global; ip -6 route show proto ra; ip -6 route show default`

export function ipv6Tests(copy: () => Copy): void {
  test("an instance's router advertisement and DHCPv6 answer reach no other instance, and its node ignores them", () =>
    recorded('exposure', 'router advertisements and DHCPv6 of an instance', async () => {
      const [hostile, other] = [
        await createPort(copy(), 'hostile', 'provider'),
        await createPort(copy(), 'other', 'provider'),
      ]
      try {
        const seen = await onNode(copy(), 'compute1', attack(hostile, other))
        expect(seen.split('\n')).toEqual(['sent: 2', 'heard: 0'])
      } finally {
        await client(copy(), 'port', 'delete', hostile.id, other.id)
      }
      return 'the neighbour hears none; the node takes neither address nor route'
    }))
}
