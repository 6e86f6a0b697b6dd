/** What must be true for all services. */

import { describe, expect, test } from 'vitest'
import { ports, urlOf } from '../../scripts/declaration/endpoints.ts'
import { controllerOf, hypervisors, type Lab, networkings } from '../../scripts/declaration/lab.ts'
import { overridableFiles } from '../../scripts/declaration/override-files.ts'
import { type ServiceName, serviceNames } from '../../scripts/declaration/service-profiles.ts'
import { renderContent } from '../../scripts/engine/ini.ts'
import { type ConfigFile, filesOn, type IniContent, type Service, type Step } from '../../scripts/engine/service.ts'
import { nodePackages } from '../../scripts/image/recipe.ts'
import { enabledServices, serviceOf } from '../../scripts/services/index.ts'
import { startOrder } from '../../scripts/services/order.ts'
import { everyService, fixtureLab, fixtureSecrets } from '../fixtures/lab.ts'
import { shellErrors } from './shell.ts'

const servicesOf = (lab: Lab) => enabledServices(lab).map((name) => serviceOf(lab, fixtureSecrets, name))
const filesOf = (services: readonly Service[]): ConfigFile[] =>
  services.flatMap((service) => service.parts.flatMap((part) => part.files))
const stepsOf = (services: readonly Service[]): Step[] =>
  services.flatMap((service) => service.parts.flatMap((part) => part.setup ?? []))
/** The user acts through a trust, which names the project and everything else. */
const trusteeKeys = 'auth_type,auth_url,user_domain_name,username,password'
const holdsSecret = (text: string) => text.includes('SECRET-')
const repeated = (values: readonly string[]) => values.filter((value, place) => values.indexOf(value) !== place)

const shapes = hypervisors.flatMap((hypervisor) => networkings.map((networking) => [hypervisor, networking] as const))

describe.each(shapes)('in %s nodes with %s networks', (hypervisor, networking) => {
  const lab = fixtureLab(hypervisor, { services: everyService, networking })
  const services = servicesOf(lab)

  test('a service needs only enabled ones, and there is no dependency cycle', () => {
    expect(startOrder(services)).toHaveLength(serviceNames.length)
  })

  test('every database has a name of its own, a user and a password that is a secret', () => {
    const databases = services.flatMap((service) => service.databases ?? [])
    expect(repeated(databases.map(({ name }) => name))).toEqual([])
    for (const { name, user, password } of databases) {
      expect(name).toMatch(/^[a-z_0-9]+$/)
      expect(user).toMatch(/^[a-z_]+$/)
      expect(password).toBe(fixtureSecrets[`${user}_database_password` as keyof typeof fixtureSecrets])
    }
  })

  test('a database is asked for in exactly one config file section, with its own password', () => {
    const text = filesOf(services)
      .map((file) => renderContent(file.content))
      .join('\n')
    for (const { name, user, password } of services.flatMap((service) => service.databases ?? [])) {
      // Nova finds its cell's database through a row in nova_api; its file names two of the three.
      if (name === 'nova_cell0') continue
      expect(text).toContain(`mysql+pymysql://${user}:${password}@10.0.0.11:3306/${name}?charset=utf8`)
    }
  })

  test("every catalog entry is complete: one type, a name, a user with the role service, the controller's address", () => {
    const identities = services.flatMap((service) => service.identity ?? [])
    expect(repeated(identities.map(({ type }) => type))).toEqual([])
    expect(repeated(identities.map(({ user }) => user))).toEqual([])
    for (const { type, name, description, user, password, roles, url } of identities) {
      expect([type, name, description, user].every((text) => text.length > 0)).toBe(true)
      expect(password).toBe(fixtureSecrets[`${user}_password` as keyof typeof fixtureSecrets])
      expect(roles).toEqual(['admin', 'service'])
      expect(new URL(url).hostname).toBe(controllerOf(lab).address)
    }
  })

  test('every API that checks tokens knows its own type in the catalog, by which access rules name it', () => {
    const sections = filesOf(services).flatMap(({ path, content }) =>
      typeof content !== 'string' && content['keystone_authtoken'] ? [{ path, ...content['keystone_authtoken'] }] : [],
    ) as { path: string; username: string; service_type?: string }[]
    const types = new Map(services.flatMap(({ identity }) => (identity ? [[identity.user, identity.type]] : [])))
    expect(new Set(sections.map(({ username }) => username))).toEqual(new Set(types.keys()))
    for (const { path, username, service_type } of sections) expect(service_type, path).toBe(types.get(username))
  })

  test('every API with a catalog entry is waited for at exactly that address', () => {
    for (const { identity, ready } of services) {
      if (!identity) continue
      const origins = ready.flatMap((check) => ('url' in check ? [new URL(check.url).origin] : []))
      expect(origins).toContain(new URL(identity.url).origin)
    }
  })

  test('every service has a readiness check', () => {
    expect(services.filter(({ ready }) => ready.length === 0).map(({ name }) => name)).toEqual([])
  })

  test('every package is in the node image', () => {
    const packages = services.flatMap((service) => service.parts.flatMap((part) => part.packages))
    const recipe: readonly string[] = nodePackages
    expect(packages.filter((name) => !recipe.includes(name))).toEqual([])
  })

  test('a file that contains a secret is not readable by everybody', () => {
    const secret = filesOf(services).filter((file) => holdsSecret(renderContent(file.content)))
    expect(secret.length).toBeGreaterThan(5)
    expect(secret.filter(({ mode = '0644' }) => !mode.endsWith('0')).map(({ path }) => path)).toEqual([])
  })

  test('no secret is an argument of a command', () => {
    const lines = stepsOf(services).flatMap(({ unless, run }) => `${unless}\n${run}`.split('\n'))
    // Allowed: a line of a here-document, a here-string, a shell variable.
    const safe = /^SECRET-\w+$|<<< '[^']*'|^export \w+='[^']*'$|^\w+='[^']*'$/
    expect(lines.filter((line) => holdsSecret(line.replace(safe, '')))).toEqual([])
  })

  test('every listener binds the management address: nothing listens on the provider network', () => {
    const texts = filesOf(services).map((file) => [file.path, renderContent(file.content)] as const)
    const wide = /(^|[^.\d])0\.0\.0\.0|--http-socket :|^Listen \d+$|bind(_host|-address)? *= *(\*|::|$)/m
    const allowed = ['/etc/nova/nova.conf']
    expect(texts.filter(([path, text]) => wide.test(text) && !allowed.includes(path)).map(([path]) => path)).toEqual([])
    const all = texts.map(([, text]) => text).join('\n')
    for (const api of ['keystone', 'placement', 'nova', 'novaMetadata', 'neutron', 'cinder'] as const) {
      expect(all).toContain(`--http-socket 10.0.0.11:${ports[api]} `)
    }
  })

  test('every uWSGI API has one thread: with more they mix up requests or hang', () => {
    const inis = filesOf(services).filter((file) => file.path.endsWith('-uwsgi.ini'))
    expect(inis.map(({ path }) => path).sort()).toEqual(
      Object.keys(overridableFiles).filter((path) => path.endsWith('-uwsgi.ini')),
    )
    for (const { content } of inis) expect(content).toMatchObject({ uwsgi: { threads: 1 } })
  })

  test('every section with credentials names the region as the lab does', () => {
    const sections = filesOf(services).flatMap((file) =>
      typeof file.content === 'string' ? [] : Object.values(file.content),
    )
    const isTrustee = (section: object) => Object.keys(section).join() === trusteeKeys
    const credentials = sections.filter(
      (section) => 'auth_url' in section && 'password' in section && !isTrustee(section),
    )
    expect(credentials.length).toBeGreaterThan(8)
    for (const section of credentials) {
      expect(section).toMatchObject({
        region_name: 'RegionOne',
        auth_url: urlOf(lab, 'keystone'),
        project_name: 'service',
      })
    }
  })

  test('on one node no two services write the same file, unless they write the same', () => {
    for (const node of lab.nodes) {
      const parts = services.flatMap(({ parts }) => parts).filter(({ on }) => on === 'all' || node.roles.includes(on))
      const seen = new Map<string, string>()
      for (const file of parts.flatMap((part) => filesOn(part, node.name))) {
        const text = JSON.stringify(file)
        expect(seen.get(file.path) ?? text, file.path).toBe(text)
        seen.set(file.path, text)
      }
    }
  })

  test('every command is a script that bash can read', async () => {
    const checks = services.flatMap(({ ready }) =>
      ready.flatMap((check) => ('command' in check ? [check.command] : [])),
    )
    const scripts = [...stepsOf(services).flatMap(({ unless, run }) => [unless, run]), ...checks]
    expect(await shellErrors(scripts)).toEqual([])
  })
})

test('no two listeners share a port', () => {
  expect(repeated(Object.values(ports).map(String))).toEqual([])
})

test('without Cinder and Horizon nothing needs them', () => {
  const all = fixtureLab('kvm')
  const lab = fixtureLab('kvm', { services: { ...all.services, cinder: false, horizon: false } })
  expect(startOrder(servicesOf(lab))).not.toContain('cinder')
})

describe('the order of start', () => {
  const service = (name: ServiceName, needs: ServiceName[]): Service => ({ name, needs, parts: [], ready: [] })

  test('puts each service after those that it needs', () => {
    expect(startOrder([service('nova', ['glance']), service('glance', ['base']), service('base', [])])).toEqual([
      'base',
      'glance',
      'nova',
    ])
  })

  test('names the cycle', () => {
    const circle = [service('nova', ['glance']), service('glance', ['nova'])]
    expect(() => startOrder(circle)).toThrow('services need each other in a circle: nova -> glance -> nova')
  })

  test('names a need that is not enabled', () => {
    expect(() => startOrder([service('nova', ['glance'])])).toThrow('nova needs glance, which is not enabled')
  })
})

test("the dashboard opens in the lab's region, whatever a user adds to the catalog", () => {
  const horizon = serviceOf({ ...fixtureLab('lxc'), region: 'Nord' }, fixtureSecrets, 'horizon')
  const settings = filesOf([horizon]).find(({ path }) => path.includes('local_settings'))
  expect(settings?.content).toContain("\nDEFAULT_SERVICE_REGIONS = {'*': 'Nord'}\n")
})

describe('networks of projects', () => {
  const neutronOf = (networking: Lab['networking']) =>
    serviceOf(fixtureLab('kvm', { networking }), fixtureSecrets, 'neutron')
  const unitsOf = ({ parts }: Service) => parts.flatMap(({ units }) => units)

  test('bring the L3 agent to the controller, which is waited for', () => {
    const neutron = neutronOf('self-service')
    expect(neutron.parts.find(({ units }) => units.includes('neutron-l3-agent'))?.on).toBe('controller')
    expect(neutron.ready.map(({ what }) => what)).toContain('5 network agents are alive')
    expect(unitsOf(neutronOf('provider'))).not.toContain('neutron-l3-agent')
  })

  test('have their tunnels between the management addresses, each node with its own', () => {
    const ends = filesOf([neutronOf('self-service')]).filter(({ path }) => path.endsWith('linuxbridge_agent.ini'))
    const vxlan = ends.map(({ node, content }) => [node, (content as IniContent)['vxlan']?.['local_ip']])
    expect(vxlan).toEqual([
      ['controller', '10.0.0.11'],
      ['compute1', '10.0.0.31'],
    ])
  })
})

describe('backups of volumes', () => {
  const nodes = (hypervisor: 'kvm' | 'lxc') => {
    const [controller, compute] = fixtureLab(hypervisor).nodes
    const own = { ...compute!, name: 'store', address: '10.0.0.41', roles: ['storage'] as const, volumeDiskGiB: 8 }
    return [{ ...controller!, roles: ['controller'] as const, volumeDiskGiB: 0 }, compute!, own]
  }
  const partOf = (lab: Lab) =>
    serviceOf(lab, fixtureSecrets, 'cinder').parts.find(({ units }) => units.includes('cinder-backup'))

  test('on a controller without volumes have what is needed to attach them', () => {
    const part = partOf(fixtureLab('kvm', { volumeBackup: true, nodes: nodes('kvm') }))!
    expect(part.on).toBe('controller')
    expect(part.units).toEqual(['iscsid', 'cinder-backup'])
    const filter = filesOn(part, 'controller').find(({ path }) => path === '/etc/lvm/lvmlocal.conf')
    expect(filter?.content).toContain('global_filter = [ "r|.*|" ]')
    const shared = partOf(fixtureLab('lxc', { volumeBackup: true, nodes: nodes('lxc') }))!
    expect(shared.files.map(({ path }) => path)).toContain('/usr/sbin/mount.nfs')
  })

  test('are absent from a lab that does not declare them, and stopped if it had them', () => {
    const lab = fixtureLab('lxc')
    expect(partOf(lab)).toBeUndefined()
    const { parts } = serviceOf(lab, fixtureSecrets, 'cinder')
    expect(parts.flatMap(({ absentUnits = [] }) => absentUnits)).toContain('cinder-backup')
  })
})
