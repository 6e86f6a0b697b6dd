/** What base does first on a node of a stock image: installs all packages of its roles, adds what our own image has. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Lab, LabNode, StockImage } from '../declaration/lab.ts'
import { nodesOf } from '../engine/operations.ts'
import type { ConfigFile, Part, Service, Step } from '../engine/service.ts'
import { leftOut, overlayFolder } from '../image/recipe.ts'
import { timeouts } from '../run/timeouts.ts'
import { installScript, statePaths } from './stock-install.ts'

/** Used by other packages or by people; no service lists them. */
const everyNode = ['bridge-utils', 'conntrack', 'iptables', 'iputils-ping', 'less', 'tcpdump']

/** Files of the node image that have nothing to do with how it boots. */
const overlayFiles = [
  '/etc/modules-load.d/duostack.conf',
  '/etc/systemd/journald.conf.d/duostack.conf',
  '/etc/systemd/system-preset/00-duostack.preset',
]
const sshd = '/etc/ssh/sshd_config'

const fromOverlay = (path: string): ConfigFile => ({ path, content: readFileSync(join(overlayFolder, path), 'utf8') })

/** `services`: all that are enabled in this lab. */
export function stockParts(lab: Lab, stock: StockImage, services: readonly Service[]): Part[] {
  return [
    // They would hold apt's lock, or change packages while services use them.
    bare({ absentUnits: ['apt-daily.timer', 'apt-daily-upgrade.timer', 'unattended-upgrades'] }),
    bare({
      files: [
        ...aptFiles(stock),
        script,
        ...overlayFiles.map(fromOverlay),
        ...lab.nodes.map((node) => list(node, lab, services)),
      ],
      setup: [installStep, modulesStep],
    }),
    bare({ files: [fromOverlay(sshd)], units: ['ssh'] }),
  ]
}

const bare = (part: Partial<Part>): Part => ({ on: 'all', packages: [], files: [], units: [], ...part })

function aptFiles({ packageSources }: StockImage): ConfigFile[] {
  const excluded = [...leftOut.map((pattern) => `path-exclude=${pattern}`), 'path-include=/usr/share/doc/*/copyright']
  return [
    { path: statePaths.sources, content: `${packageSources.join('\n')}\n` },
    // As in the image's build: if the power fails during the installation, the node is created again.
    { path: '/etc/dpkg/dpkg.cfg.d/duostack', content: `${['force-unsafe-io', ...excluded].join('\n')}\n` },
  ]
}

/** One name per line. */
function list(node: LabNode, lab: Lab, services: readonly Service[]): ConfigFile {
  const ofRoles = services.flatMap(({ parts }) =>
    parts.filter((part) => nodesOf(part, lab).includes(node)).flatMap((part) => part.packages),
  )
  const names = [...new Set([...everyNode, ...ofRoles])].sort()
  return { path: statePaths.wanted, node: node.name, content: `${names.join('\n')}\n` }
}

const script: ConfigFile = { path: statePaths.script, content: installScript, mode: '0755' }

const installStep: Step = {
  name: 'the packages of the roles of this node',
  unless: `cmp -s ${statePaths.wanted} ${statePaths.installed}`,
  run: statePaths.script,
  // 800 packages: four minutes on a slow disk.
  timeoutSeconds: timeouts.services.packages.seconds,
}

const modulesStep: Step = {
  name: 'kernel modules',
  unless: `while read -r module; do [ -d "/sys/module/$module" ] || exit 1; done <${overlayFiles[0]}`,
  run: `xargs modprobe -a <${overlayFiles[0]}`,
}
