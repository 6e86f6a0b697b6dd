/** Nova on its compute nodes: registered, mapped, enabled, up, and able to run an instance. */

import { nodesWith } from '../../../declaration/lab.ts'
import { discoverHosts, findDaemon, lookAtDaemon, type ServiceState } from '../../checks/daemons.ts'
import { type CloudRead, rule, type ShellRead } from '../rule.ts'

const mappings: ShellRead = {
  on: 'controller',
  script: () =>
    "mariadb -N -B -e \"SELECT CONCAT('registered ', host) FROM nova.compute_nodes WHERE deleted = 0; SELECT CONCAT('mapped ', host) FROM nova_api.host_mappings\"",
}

export const hostUnmapped = rule({
  symptom: '`Host … is not mapped to any cell`, or `No valid host was found` although nova-compute is up',
  cause: 'the compute node has registered, but was never mapped to its cell',
  remedy: 'map it with `nova-manage cell_v2 discover_hosts`',
  service: 'nova',
  reads: { mappings },
  judge: ({ mappings: [answer] }, { lab }) => {
    const has = (word: string, host: string) => new RegExp(`^${word} ${host}$`, 'm').test(answer?.text ?? '')
    return nodesWith(lab, 'compute')
      .filter(({ name }) => has('registered', name) && !has('mapped', name))
      .map(({ name }) => ({
        about: name,
        evidence: [`${name} is in nova.compute_nodes, but not in nova_api.host_mappings`],
        next: discoverHosts(lab),
        fix: { service: 'nova' as const },
        explains: ['no-room'],
      }))
  },
})

interface ComputeService extends ServiceState {
  id: string
  disabled_reason: string | null
  forced_down: boolean
  updated_at: string
}

/** From 2.11 on a service says whether somebody has forced it down. */
const services: CloudRead<ComputeService[]> = {
  ask: async (cloud) =>
    (
      await cloud.get<{ services: ComputeService[] }>('compute', '/os-services?binary=nova-compute', {
        headers: { 'OpenStack-API-Version': 'compute 2.53' },
      })
    ).services,
}

export const computeDisabled = rule({
  symptom: '`No valid host was found`, although the compute node is running',
  cause: 'its nova-compute is disabled or forced down in Nova, by someone or by Nova itself after failed launches',
  remedy: 'enable it again if this was not intended',
  service: 'nova',
  reads: { services },
  judge: ({ services: all }) =>
    all
      .filter(({ status, forced_down }) => status !== 'enabled' || forced_down)
      .map(({ host, status, disabled_reason, forced_down }) => ({
        about: host,
        evidence: [
          `nova-compute on ${host}: ${status}${forced_down ? ', forced down' : ''}${disabled_reason ? ` (${disabled_reason})` : ''}`,
        ],
        next: `./lab openstack compute service set ${forced_down ? '--up' : '--enable'} ${host} nova-compute`,
        explains: [`compute-down ${host}`, 'no-room'],
      })),
})

export const computeDown = rule({
  symptom: 'a compute node takes no instances: its nova-compute is down',
  cause: 'it is running, but its reports do not reach Nova, or it hangs',
  remedy: 'look at its log; if it hangs, restart it',
  service: 'nova',
  reads: { services },
  judge: ({ services: all }, { lab }) =>
    nodesWith(lab, 'compute').flatMap(({ name }) => {
      const found = findDaemon('nova-compute', name, all)
      if (found && (found.state === 'up' || found.forced_down)) return []
      return [
        {
          about: name,
          evidence: [
            found
              ? `nova-compute on ${name}: ${found.state}, last report at ${found.updated_at}`
              : `no nova-compute on ${name} is registered`,
          ],
          next: lookAtDaemon(name, 'nova-compute'),
          fix: { node: name, script: 'systemctl restart nova-compute' },
        },
      ]
    }),
})

const virtType: ShellRead = {
  on: 'compute',
  script: () => `
DAEMON_ARGS='--config-file=/etc/nova/nova-compute.conf'
[ -r /etc/default/nova-compute ] && . /etc/default/nova-compute
for word in $DAEMON_ARGS; do file=\${word#--config-file=}; [ -r "$file" ] && sed -nE "s|^virt_type *= *|type $file |p" "$file"; done | tail -n 1
if [ -c /dev/kvm ] && [ -r /dev/kvm ]; then echo 'kvm usable'; else echo "kvm $(ls -l /dev/kvm 2>&1)"; fi`,
}

export const virtTypeWrong = rule({
  symptom: '`could not find capabilities for domaintype=kvm`: every launch on this node ends in ERROR',
  cause:
    'nova-compute is configured to use KVM, but the node has no usable /dev/kvm: nested virtualization is off, or the node is a container',
  remedy: 'set virt_type = qemu: slower, but it works',
  service: 'nova',
  reads: { virtType },
  judge: ({ virtType: seen }) =>
    seen.flatMap(({ at, text }) => {
      const [, file, type] = /^type (\S+) (\S+)$/m.exec(text) ?? []
      const kvm = /^kvm (.*)$/m.exec(text)?.[1] ?? ''
      if (type !== 'kvm' || kvm === 'usable') return []
      return [
        {
          about: at,
          evidence: [`${at}: ${file}: virt_type = kvm`, `${at}: ${kvm}`],
          next: 'npx tsx scripts/provision.ts nova',
          fix: { service: 'nova' as const },
          explains: [`unit-down ${at}/nova-compute`, `compute-down ${at}`],
        },
      ]
    }),
})

const files: ShellRead = {
  on: 'compute',
  script: () => `
for folder in /var/lib/nova /var/lib/nova/instances; do
  runuser -u nova -- test -w $folder || echo "unwritable $(stat -c '%n %U:%G %a' $folder 2>&1)"
done`,
}

export const instanceFiles = rule({
  symptom: '`Permission denied` on the disk: launches end in ERROR, instances do not start again',
  cause: "Nova's instance directory no longer belongs to Nova",
  remedy:
    'change its owner back to nova:nova, but not the owner of the files in it: disks belong to QEMU while an instance runs',
  service: 'nova',
  reads: { files },
  judge: ({ files: seen }) =>
    seen.flatMap(({ at, text }) => {
      const wrong = [...text.matchAll(/^unwritable (.*)$/gm)].map(([, line]) => line!)
      if (wrong.length === 0) return []
      const script =
        'chown nova:nova /var/lib/nova /var/lib/nova/instances && chmod u+rwx /var/lib/nova /var/lib/nova/instances'
      return [
        {
          about: at,
          evidence: wrong.map((line) => `${at}: nova cannot write to ${line}`),
          next: `./lab ssh ${at} '${script}'`,
          fix: { node: at, script },
          explains: [`unit-down ${at}/nova-compute`],
        },
      ]
    }),
})
