/**
 * The contents of the golden files: each configuration file under its real path on the node, and the rest of a service
 * as YAML.
 */

import { stringify } from 'yaml'
import { type Lab, nodesWith } from '../../scripts/declaration/lab.ts'
import { type ServiceName, serviceNames } from '../../scripts/declaration/service-profiles.ts'
import { renderContent } from '../../scripts/engine/ini.ts'
import { type ConfigFile, filesOn, type Part, type Service } from '../../scripts/engine/service.ts'
import { serviceOf } from '../../scripts/services/index.ts'
import { everyService, fixtureLab, fixtureSecrets, fixtureStockImage } from '../fixtures/lab.ts'

/** Path below test/services/golden -> content. */
export type Golden = Map<string, string>

/**
 * Everything the lab's services say. A VM with its own kernel is the plain case; another shape is in a folder with
 * that shape's suffix (`compute1.lxc`, `service.lxc.yml`), and only where it differs from the plain one; `.stock` is a VM
 * of somebody else's image, `.backup` one of a lab with backups of volumes, `.self-service` one of a lab whose projects
 * have networks of their own, `.outbound` one of a lab whose traffic may leave it, `.all` one of a lab that has every service.
 */
export function goldenFiles(): Golden {
  const plain = filesOf(fixtureLab('kvm'), '')
  const golden = new Map(plain)
  const shapes: [suffix: string, lab: Lab][] = [
    ['.qemu', fixtureLab('qemu')],
    ['.lxc', fixtureLab('lxc')],
    ['.backup', fixtureLab('kvm', { volumeBackup: true })],
    ['.lxc.backup', fixtureLab('lxc', { volumeBackup: true })],
    ['.self-service', fixtureLab('kvm', { networking: 'self-service' })],
    ['.lxc.self-service', fixtureLab('lxc', { networking: 'self-service' })],
    ['.outbound', fixtureLab('kvm', { outbound: { deny: [] } })],
    ['.stock', fixtureLab('kvm', { stockImage: fixtureStockImage })],
    ['.all', fixtureLab('kvm', { services: everyService })],
  ]
  for (const [suffix, lab] of shapes) {
    for (const [path, content] of filesOf(lab, suffix)) {
      const like =
        golden.get(path.replace(/\.(backup|self-service|outbound)/, '')) ??
        plain.get(path.replace(suffix, '')) ??
        golden.get(path.replace('.lxc.self-service', '.self-service'))
      if (like !== content) golden.set(path, content)
    }
  }
  return golden
}

/** One that is off by default is on in its own files, and in those of no other. */
function filesOf(lab: Lab, suffix: string): Golden {
  const withService = (name: ServiceName) => ({ ...lab, services: { ...lab.services, [name]: true } })
  return new Map(serviceNames.flatMap((name) => serviceFiles(withService(name), name, suffix)))
}

function serviceFiles(lab: Lab, name: ServiceName, suffix: string): [string, string][] {
  const service = serviceOf(lab, fixtureSecrets, name)
  const onNodes = service.parts.flatMap((part) =>
    nodesWith(lab, part.on).flatMap((node) =>
      filesOn(part, node.name)
        .filter((file) => !file.directory)
        .map((file): [string, string] => [`${name}/${node.name}${suffix}${file.path}`, renderContent(file.content)]),
    ),
  )
  return [[`${name}/service${suffix}.yml`, describe(service)], ...onNodes]
}

/** The service without the content of its files. */
function describe({ parts, ...rest }: Service): string {
  const shown = { ...rest, parts: parts.map((part: Part) => ({ ...part, files: part.files.map(describeFile) })) }
  return stringify(shown, { lineWidth: 0, aliasDuplicateObjects: false, blockQuote: 'literal' })
}

function describeFile({ path, owner = 'root', group = 'root', mode, directory }: ConfigFile): string {
  return `${path}${directory ? '/' : ''} ${owner}:${group} ${mode ?? (directory ? '0755' : '0644')}`
}
