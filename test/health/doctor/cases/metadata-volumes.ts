import { at, type Case, containers } from '../case.ts'

const metadata = (same: string, proxy: string, answer: string) => ({
  metadata: [at('controller', `same ${same}\nproxy ${proxy}\n${answer ? `answer ${answer}` : ''}`)],
})
const share = (text: string) => ({ share: [at('controller', text)] })
const service = (state: string) => [
  { binary: 'cinder-volume', host: 'controller@shared', state, status: 'enabled', updated_at: '2026-11-24T06:00:00' },
]
const driver = (line: string, state: string) => ({ driver: [at('controller', line)], services: service(state) })
const volume = (changes = {}) => ({
  volumes: {
    volumes: [
      {
        id: 'v1',
        name: 'data',
        status: 'in-use',
        updated_at: '2026-11-24T06:00:00',
        attachments: [{ server_id: 'server-1' }],
        ...changes,
      },
    ],
    servers: ['server-1'],
    now: Date.parse('2026-11-24T06:30:00Z'),
  },
})

export const metadataAndVolumes: readonly Case[] = [
  {
    rule: 'isolated-metadata',
    healthy: { isolated: [at('controller', 'setting true')] },
    broken: { isolated: [at('controller', 'setting false')] },
    about: 'controller',
    evidence: ['enable_isolated_metadata = false'],
    fix: { service: 'neutron' },
  },
  {
    rule: 'metadata-proxy',
    healthy: metadata('yes', 'true', '200'),
    broken: metadata('yes', 'unset', '404'),
    about: 'controller',
    evidence: ['service_metadata_proxy = unset', '404'],
    fix: { service: 'nova' },
  },
  {
    rule: 'metadata-refused',
    healthy: metadata('yes', 'true', '200'),
    broken: metadata('no', 'true', '403'),
    about: 'controller',
    evidence: ['differ', '403'],
    fix: { service: 'neutron' },
  },
  {
    rule: 'metadata-refused',
    // Without an instance the files alone are compared.
    healthy: metadata('yes', 'true', ''),
    broken: metadata('no', 'true', ''),
    about: 'controller',
    evidence: ['differ', 'not tried'],
    fix: { service: 'neutron' },
  },
  {
    rule: 'volume-group',
    healthy: { group: [at('controller', 'group cinder-volumes 10.00g 8.00g\ndisk lrwxrwxrwx')] },
    broken: { group: [at('controller', 'group Volume group "cinder-volumes" not found\ndisk lrwxrwxrwx')] },
    about: 'controller',
    evidence: ['"cinder-volumes" not found'],
  },
  {
    rule: 'volume-share',
    healthy: share('share mounted\nhelper there'),
    broken: share('share mounted'),
    about: 'controller',
    evidence: ['there is no /usr/sbin/mount.nfs'],
    fix: { service: 'cinder' },
    around: { lab: containers },
  },
  {
    rule: 'volume-driver',
    healthy: driver('INFO cinder Driver post RPC initialization completed successfully.', 'up'),
    broken: driver('ERROR cinder.volume.manager Failed to initialize driver.', 'up'),
    about: 'controller',
    evidence: ['Failed to initialize driver.'],
    fix: { node: 'controller', script: 'systemctl restart cinder-volume' },
  },
  {
    rule: 'volume-driver',
    healthy: driver('', 'up'),
    broken: driver('', 'down'),
    about: 'controller',
    evidence: ['controller@shared: down'],
    fix: { node: 'controller', script: 'systemctl restart cinder-volume' },
  },
  {
    rule: 'volume-stuck',
    healthy: volume(),
    broken: volume({ status: 'error_extending' }),
    about: 'data',
    evidence: ['error_extending'],
  },
  {
    rule: 'volume-stuck',
    healthy: volume({ status: 'detaching', updated_at: '2026-11-24T06:25:00' }),
    broken: volume({ status: 'detaching' }),
    about: 'data',
    evidence: ['detaching for 30 min'],
  },
  {
    rule: 'volume-stuck',
    healthy: volume(),
    broken: volume({ attachments: [{ server_id: 'server-9' }] }),
    about: 'data',
    evidence: ['attached to server server-9, which does not exist'],
  },
]
