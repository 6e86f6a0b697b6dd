/** The message broker on the controller, with one user for all services. */

import { ports, socketOf } from '../declaration/endpoints.ts'
import { controllerOf, type Lab } from '../declaration/lab.ts'
import type { Secrets } from '../declaration/secret-names.ts'
import type { ConfigFile, ServiceDefinition, Step } from '../engine/service.ts'
import { amqpLogin } from './amqp-login.ts'
import { brokerUser } from './transport-url.ts'
import { unitDropIn } from './unit-drop-in.ts'

export const rabbitmq: ServiceDefinition = (lab, secrets) => ({
  name: 'rabbitmq',
  needs: ['base'],
  parts: [
    {
      on: 'controller',
      packages: ['rabbitmq-server'],
      files: brokerFiles(lab, secrets),
      setup: [portMapper(lab)],
      units: ['rabbitmq-server'],
    },
    // The broker creates its user at its first start; this repairs it later. A separate part, because rabbitmqctl needs
    // the running broker.
    { on: 'controller', packages: [], files: [], setup: [wakeStep(lab), userStep(lab, secrets)], units: [] },
  ],
  ready: [
    {
      what: 'RabbitMQ speaks AMQP on the management address',
      on: 'controller',
      command: speaksAmqp(lab),
    },
  ],
})

/** The header that opens AMQP 0-9-1; the answer is a method frame, which begins with a byte 1. */
function speaksAmqp(lab: Lab): string {
  return `exec 3<>/dev/tcp/${controllerOf(lab).address}/${ports.rabbitmq} && printf 'AMQP\\0\\0\\11\\1' >&3 && timeout 30 head -c 1 <&3 | od -An -tx1 | grep 01`
}

/**
 * On a full disk the broker's own database stops, while the broker goes on listening: it drops every connection, and
 * does not recover by itself when there is room again.
 */
function wakeStep(lab: Lab): Step {
  return {
    name: 'a broker that drops all who connect is started again',
    unless: `! systemctl is-active -q rabbitmq-server || (${speaksAmqp(lab)}) >/dev/null 2>&1`,
    run: 'systemctl restart rabbitmq-server',
  }
}

function brokerFiles(lab: Lab, secrets: Secrets): ConfigFile[] {
  const { address, name } = controllerOf(lab)
  return [
    {
      path: '/var/lib/rabbitmq/.erlang.cookie',
      content: secrets.rabbitmq_erlang_cookie,
      owner: 'rabbitmq',
      group: 'rabbitmq',
      // Erlang refuses a cookie that others can read.
      mode: '0400',
    },
    {
      path: '/etc/rabbitmq/rabbitmq-env.conf',
      content: [
        '# The data belongs to this name; by default it would follow the host name of the moment.',
        `NODENAME=rabbit@${name}`,
        '# Idle schedulers sleep instead of spinning: on two cores that is CPU taken from everybody else.',
        'SERVER_ADDITIONAL_ERL_ARGS="+sbwt none +sbwtdcpu none +sbwtdio none"',
        '',
      ].join('\n'),
    },
    {
      path: '/etc/rabbitmq/rabbitmq.conf',
      group: 'rabbitmq',
      mode: '0640',
      content: [
        '# Made at the very first start, instead of the user guest whose password everybody knows.',
        `default_user = ${brokerUser}`,
        `default_pass = ${secrets.rabbitmq_password}`,
        'default_user_tags.administrator = false',
        `listeners.tcp.1 = ${address}:${ports.rabbitmq}`,
        `distribution.listener.interface = ${address}`,
        `distribution.listener.port_range.min = ${ports.rabbitmqDistribution}`,
        `distribution.listener.port_range.max = ${ports.rabbitmqDistribution}`,
        '',
      ].join('\n'),
    },
    // The broker registers with Erlang's port mapper over loopback; everyone else asks by the management address.
    unitDropIn('epmd.socket', {
      Socket: ['ListenStream=', ...[address, '127.0.0.1'].map((ip) => `ListenStream=${ip}:${ports.epmd}`)],
    }),
  ]
}

/** The broker starts the socket by itself; a socket that already listens elsewhere is closed first. */
function portMapper(lab: Lab): Step {
  const listens = `systemctl show -p Listen epmd.socket | grep -qF '${controllerOf(lab).address}:${ports.epmd}'`
  return {
    name: "Erlang's port mapper binds the management address",
    unless: `! systemctl is-active -q epmd.socket || ${listens}`,
    run: 'systemctl daemon-reload\nsystemctl stop epmd.socket epmd.service',
  }
}

/** The password never appears in argv: rabbitmqctl reads it from stdin if it is not given. */
function withPassword(command: string, secrets: Secrets): string {
  return `rabbitmqctl -q ${command} ${brokerUser} <<'PASSWORD'\n${secrets.rabbitmq_password}\nPASSWORD`
}

/** Also repairs a changed password or permission, on either side. */
function userStep(lab: Lab, secrets: Secrets): Step {
  return {
    name: `broker user ${brokerUser}, with all permissions`,
    // Each call of rabbitmqctl takes a second, and half a minute on an emulated node.
    unless: amqpLogin(socketOf(lab, 'rabbitmq'), brokerUser, secrets.rabbitmq_password),
    run: `users=$(rabbitmqctl -q list_users </dev/null | cut -f1)
if grep -qx ${brokerUser} <<<"$users"; then
${withPassword('change_password', secrets)}
else
${withPassword('add_user', secrets)}
fi
if grep -qx guest <<<"$users"; then rabbitmqctl -q delete_user guest </dev/null; fi
rabbitmqctl -q set_permissions -p / ${brokerUser} '.*' '.*' '.*' </dev/null`,
  }
}
