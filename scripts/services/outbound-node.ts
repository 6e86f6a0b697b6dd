/** The way out of a node with `lab_outbound`: its default route and its DNS servers. */

import { type Lab, nameServers } from '../declaration/lab.ts'
import type { Part } from '../engine/service.ts'

const unit = 'duostack-outbound'
const unitFile = `/etc/systemd/system/${unit}.service`
const resolvers = '/etc/resolv.conf'

/** Nothing where nothing leaves the lab. */
export function outboundParts(lab: Lab): Part[] {
  if (!lab.outbound) return []
  const { hostAddress } = lab.networks.management
  const route = `default via ${hostAddress} dev eth0`
  return [
    {
      on: 'all',
      packages: [],
      files: [
        // What looks up a name that is in no /etc/hosts does not wait long where the outside is silent.
        {
          path: resolvers,
          content: [
            ...nameServers(lab, hostAddress).map((one) => `nameserver ${one}`),
            'options timeout:2 attempts:1',
            '',
          ].join('\n'),
        },
        { path: unitFile, content: unitText(route) },
      ],
      setup: [
        {
          name: 'the way out',
          unless: `ip -4 route show default | grep -q '^${route}'`,
          run: `ip route replace ${route}`,
        },
      ],
      units: [unit],
    },
  ]
}

const unitText = (route: string) => `[Unit]
Description=The way out of the lab
After=duostack-identity.service network-online.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/sbin/ip route replace ${route}
ExecStop=-/sbin/ip route del ${route}

[Install]
WantedBy=multi-user.target
`

/** On a node that may have had one: bash that takes it away. */
export const withoutOutbound = `[ -e ${unitFile} ] || exit 0
systemctl disable -q --now ${unit} || :
rm -rf ${unitFile}.d ${unitFile} ${resolvers}
systemctl daemon-reload
`
