/** Cinder: the backend where volumes are kept, its driver, and volumes that got stuck. */

import { scaled, timeouts } from '../../../run/timeouts.ts'
import { backendOf } from '../../../services/cinder-backend.ts'
import { sharedDirectory } from '../../../services/cinder-shared.ts'
import { findDaemon, lookAtDaemon, type ServiceState } from '../../checks/daemons.ts'
import { nameObject } from '../reads/cloud.ts'
import { type CloudRead, rule, type ShellRead } from '../rule.ts'

const group: ShellRead = {
  on: 'storage',
  script: () => `
echo "group $(vgs --noheadings -o vg_name,vg_size,vg_free cinder-volumes 2>&1 | tail -n 1 | xargs)"
echo "disk $(ls -l /dev/disk/by-id/virtio-duostack-volumes 2>&1 | tail -n 1)"`,
}

export const volumeGroupMissing = rule({
  symptom: 'cinder-volume is down; every new volume ends in `error`',
  cause: "the volume group is missing: its disk is missing or was wiped, or LVM's filter hides it",
  remedy: 'create it again if the disk is empty; otherwise look at the disk first, because there may be volumes on it',
  service: 'cinder',
  when: (lab) => backendOf(lab).name === 'lvm',
  reads: { group },
  judge: ({ group: seen }) =>
    seen
      .filter(({ text }) => !/^group cinder-volumes /m.test(text))
      .map(({ at, text }) => ({
        about: at,
        evidence: text
          .trim()
          .split('\n')
          .map((line) => `${at}: ${line}`),
        next: `./lab ssh ${at} 'pvs; lsblk; cat /etc/lvm/lvmlocal.conf'; npx tsx scripts/provision.ts cinder`,
        explains: [`volume-driver ${at}`],
      })),
})

const share: ShellRead = {
  on: 'all',
  script: () => `
[ -d ${sharedDirectory} ] && [ -w ${sharedDirectory} ] && mountpoint -q ${sharedDirectory} && echo 'share mounted'
[ -x /usr/sbin/mount.nfs ] && echo 'helper there'
echo "files $(dpkg-query -W -f '\${db:Status-Status}' cinder-volume 2>/dev/null)"`,
}

export const volumeShareMissing = rule({
  symptom: 'volumes cannot be created or attached in a lab of containers',
  cause: `the directory that the nodes share through this machine (${sharedDirectory}), or the program that mounts it, is missing on a node`,
  remedy: 'apply cinder again, which restores the program; a missing mount comes back when the node is started again',
  service: 'cinder',
  when: (lab) => backendOf(lab).name === 'shared',
  reads: { share },
  judge: ({ share: seen }) =>
    seen.flatMap(({ at, text }) => {
      const missing = [
        ...(text.includes('share mounted') ? [] : [`${at}: ${sharedDirectory} is not mounted`]),
        ...(text.includes('helper there') ? [] : [`${at}: there is no /usr/sbin/mount.nfs`]),
      ]
      if (missing.length === 0) return []
      return [
        {
          about: at,
          evidence: missing,
          next: 'npx tsx scripts/provision.ts cinder',
          fix: { service: 'cinder' as const },
          explains: [`volume-driver ${at}`],
        },
      ]
    }),
})

interface VolumeService extends ServiceState {
  updated_at: string
}

const volumeServices: CloudRead<VolumeService[]> = {
  ask: async (cloud) => (await cloud.get<{ services: VolumeService[] }>('volumev3', '/os-services')).services,
}

/** Which of the two words came last since the service started. */
const driver: ShellRead = {
  on: 'storage',
  script: () => `
tail -n 4000 /var/log/cinder/cinder-volume.log 2>/dev/null |
  grep -E 'Starting volume driver|Driver post RPC initialization completed|Failed to initialize driver|is uninitialized|setup did not complete' | tail -n 3 | cut -c 1-300`,
}

export const volumeDriver = rule({
  symptom: 'cinder-volume runs, but every new volume ends in `error` (`No weighed backends available`)',
  cause: "its driver failed to initialize, so the backend accepts no work; the service's log says why",
  remedy: 'fix what the log reports, then restart cinder-volume',
  service: 'cinder',
  reads: { driver, services: volumeServices },
  judge: ({ driver: seen, services }) =>
    seen.flatMap(({ at, text }) => {
      const last = text.trim().split('\n').at(-1) ?? ''
      const failed = /Failed to initialize|uninitialized|did not complete/.test(last)
      const found = findDaemon('cinder-volume', at, services)
      if (!failed && found?.state === 'up') return []
      return [
        {
          about: at,
          evidence: [
            ...(failed ? [`${at}: cinder-volume.log: ${last}`] : []),
            found
              ? `cinder-volume on ${found.host}: ${found.state}, last report at ${found.updated_at}`
              : `no cinder-volume on ${at} is registered`,
          ],
          next: lookAtDaemon(at, 'cinder-volume'),
          fix: { node: at, script: 'systemctl restart cinder-volume' },
        },
      ]
    }),
})

interface Volume {
  id: string
  name: string
  status: string
  updated_at: string | null
  attachments: { server_id: string }[]
}

interface Volumes {
  volumes: Volume[]
  /** Ids of all servers. */
  servers: string[]
  /** Read here, so that judging stays without a clock. */
  now: number
}

const volumes: CloudRead<Volumes> = {
  async ask(cloud) {
    const [{ volumes }, { servers }] = await Promise.all([
      cloud.get<{ volumes: Volume[] }>('volumev3', '/volumes/detail?all_tenants=1'),
      cloud.get<{ servers: { id: string }[] }>('compute', '/servers?all_tenants=1'),
    ])
    return { volumes, servers: servers.map(({ id }) => id), now: Date.now() }
  },
}

const passing = ['creating', 'attaching', 'detaching', 'deleting', 'extending', 'downloading', 'uploading', 'reserved']

export const volumeStuck = rule({
  symptom: 'a volume can neither be used nor deleted',
  cause: 'its last action failed or never ended, or the server that it was attached to no longer exists',
  remedy: 'if the log shows that nothing is working on it any more, set its state by hand',
  service: 'cinder',
  reads: { volumes },
  judge: ({ volumes: { volumes: all, servers, now } }, { lab, own }) =>
    all.flatMap(({ id, name, status, updated_at, attachments }) => {
      const minutes = updated_at ? (now - Date.parse(`${updated_at}Z`)) / 60_000 : 0
      const lost = attachments.filter(({ server_id }) => server_id && !servers.includes(server_id))
      const line = status.startsWith('error')
        ? status
        : passing.includes(status) && 60 * minutes > scaled(lab, timeouts.cloud.passing)
          ? `${status} for ${Math.round(minutes)} min`
          : lost.length
            ? `${status}, attached to server ${lost[0]!.server_id}, which does not exist`
            : ''
      if (!line) return []
      return [
        {
          about: nameObject({ id, name }, own),
          ofUser: !own.has(id),
          evidence: [`volume ${name || id} (${id}): ${line}`],
          next: `./lab openstack volume show ${id}; ./lab openstack volume set --state ${attachments.length && !lost.length ? 'in-use' : 'available'} ${id}`,
        },
      ]
    }),
})
