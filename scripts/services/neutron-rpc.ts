/**
 * Agents begin when somebody takes their calls. RabbitMQ drops a call that has no queue yet, and its agent waits for the
 * answer in vain: instances have no DHCP server for minutes after a start.
 */

import { isSelfService, type Lab } from '../declaration/lab.ts'
import type { ConfigFile } from '../engine/service.ts'

const program = '/usr/local/sbin/neutron-rpc-listens'

/** Neutron's API and its RPC server are two units: the first may answer long before the second has its queues. */
export function rpcListens(lab: Lab): { files: ConfigFile[]; before: string[] } {
  if (!isSelfService(lab)) return { files: [], before: [] }
  return {
    files: [{ path: program, mode: '0755', content: waitProgram(lab) }],
    before: [`ExecStartPre=${program}`],
  }
}

/** As the agent's own user, with its own login at RabbitMQ. The L3 plugin's queue is the last one. */
const waitProgram = (lab: Lab) => `#!/usr/bin/python3
# Ends when neutron-rpc-server listens on the queues to which the agents' calls go.
import re
import time

import amqp

QUEUES = ("q-plugin", "q-reports-plugin", "q-l3-plugin")


def listens():
    with open("/etc/neutron/neutron.conf") as file:
        url = re.search(r"^transport_url\\s*=\\s*rabbit://([^:]+):([^@]+)@([^/]+)/", file.read(), re.MULTILINE)
    user, password, host = url.groups()
    with amqp.Connection(host=host, userid=user, password=password, connect_timeout=10) as connection:
        for queue in QUEUES:
            # Throws where there is no such queue.
            if connection.channel().queue_declare(queue, passive=True).consumer_count == 0:
                return False
    return True


while True:
    try:
        if listens():
            break
    except (OSError, amqp.exceptions.AMQPError):
        pass
    time.sleep(${Math.min(lab.timeScale, 5)})
`
