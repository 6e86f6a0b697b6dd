/**
 * Agents begin when somebody takes their calls. RabbitMQ drops a call that has no queue yet, and its agent waits for the
 * answer in vain: instances have no DHCP server for minutes after a start.
 */

import { isSelfService, type Lab } from '../declaration/lab.ts'
import type { ConfigFile } from '../engine/service.ts'

const program = '/usr/local/sbin/neutron-rpc-listens'

/** Neutron's API and its RPC server are two units: the first may answer long before the second has its queues. */
export const rpcListens = (lab: Lab): { files: ConfigFile[]; before: string[] } => ({
  files: [{ path: program, mode: '0755', content: waitProgram(lab) }],
  before: [`ExecStartPre=${program}`],
})

/** The plug-in of routers has a queue of its own, which comes last. */
const queuesOf = (lab: Lab) => ['q-plugin', 'q-reports-plugin', ...(isSelfService(lab) ? ['q-l3-plugin'] : [])]

/** As the agent's own user, with its own login at RabbitMQ. */
const waitProgram = (lab: Lab) => `#!/usr/bin/python3
# Ends when neutron-rpc-server listens on the queues to which the agents' calls go.
import configparser
import time
import urllib.parse

import amqp

QUEUES = (${queuesOf(lab)
  .map((queue) => `"${queue}"`)
  .join(', ')})


def listens():
    config = configparser.RawConfigParser(strict=False)
    config.read("/etc/neutron/neutron.conf")
    url = urllib.parse.urlsplit(config.defaults()["transport_url"])
    with amqp.Connection(
        host=f"{url.hostname}:{url.port}", userid=url.username, password=url.password, connect_timeout=10
    ) as connection:
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
