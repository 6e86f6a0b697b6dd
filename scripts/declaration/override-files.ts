/** The files that lab_config_overrides may change, and which options the release's packages know in them. */

import { readFileSync } from 'node:fs'

/** File name -> section -> keys; both files are made by test/services/generate-options.py from the packages themselves. */
type Options = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>

const uwsgi = 'uwsgi.ini'

/**
 * Every INI file that a service writes, whatever the nodes are, with its list in known-options.json; null where there is
 * none to ask. A test holds it against the services.
 */
export const overridableFiles: Readonly<Record<string, string | null>> = {
  '/etc/cinder/cinder-api-uwsgi.ini': uwsgi,
  '/etc/cinder/cinder.conf': 'cinder.conf',
  '/etc/glance/glance-api.conf': 'glance-api.conf',
  '/etc/keystone/keystone-uwsgi.ini': uwsgi,
  '/etc/keystone/keystone.conf': 'keystone.conf',
  '/etc/mysql/mariadb.conf.d/99-openstack.cnf': 'mariadb.cnf',
  '/etc/neutron/dhcp_agent.ini': 'dhcp_agent.ini',
  '/etc/neutron/metadata_agent.ini': 'metadata_agent.ini',
  '/etc/neutron/neutron-api-uwsgi.ini': uwsgi,
  '/etc/neutron/neutron.conf': 'neutron.conf',
  '/etc/neutron/plugins/ml2/linuxbridge_agent.ini': 'linuxbridge_agent.ini',
  '/etc/neutron/plugins/ml2/ml2_conf.ini': 'ml2_conf.ini',
  '/etc/nova/nova-api-metadata-uwsgi.ini': uwsgi,
  '/etc/nova/nova-api-uwsgi.ini': uwsgi,
  '/etc/nova/nova-compute-kvm.conf': 'nova.conf',
  '/etc/nova/nova-compute.conf': 'nova.conf',
  '/etc/nova/nova.conf': 'nova.conf',
  '/etc/placement/placement-api-uwsgi.ini': uwsgi,
  '/etc/placement/placement.conf': 'placement.conf',
  '/etc/systemd/system.conf.d/duostack.conf': null,
}

/** What reads a file: OpenStack's own library, which gives it its sections and its logs, or another program. */
export type Dialect = 'oslo' | 'uwsgi' | 'mariadb' | 'systemd'

export function dialectOf(path: string): Dialect {
  const list = overridableFiles[path]
  if (!list) return 'systemd'
  return list === uwsgi ? 'uwsgi' : list === 'mariadb.cnf' ? 'mariadb' : 'oslo'
}

/** Neutron's server and agents read several of these files each, as if they were one. */
const neutron = ['neutron.conf', 'ml2_conf.ini', 'linuxbridge_agent.ini', 'dhcp_agent.ini', 'metadata_agent.ini']

const readOptions = (file: string): Options => JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8'))

/** Of a path: section -> its keys. `others`: earlier names, and sign-in plug-ins that the lab does not use. */
export function readKnown(path: string): { known: Map<string, Set<string>>; others: Map<string, Set<string>> } {
  const list = overridableFiles[path]
  const lists = list && neutron.includes(list) ? neutron : [list ?? '']
  const merge = (options: Options) => {
    const sections = new Map<string, Set<string>>()
    for (const [section, keys] of lists.flatMap((name) => Object.entries(options[name] ?? {}))) {
      sections.set(section, new Set([...(sections.get(section) ?? []), ...keys]))
    }
    return sections
  }
  return { known: merge(readOptions('known-options.json')), others: merge(readOptions('other-options.json')) }
}
