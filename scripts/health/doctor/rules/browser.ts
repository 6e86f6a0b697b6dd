/** What a person opens in a browser: the dashboard with Apache and its sessions in memcached, and an instance's console. */

import { lookAtUnit } from '../../../cloud/where-to-look.ts'
import { ports, socketOf } from '../../../declaration/endpoints.ts'
import { controllerOf, type Lab } from '../../../declaration/lab.ts'
import { rule, type ShellRead } from '../rule.ts'

const cache: ShellRead = {
  on: 'controller',
  script: (lab) =>
    `timeout 5 bash -c "exec 3<>/dev/tcp/${controllerOf(lab).address}/${ports.memcached} && printf 'version\\r\\nquit\\r\\n' >&3 && cat <&3" 2>&1`,
}

export const cacheDown = rule({
  symptom: 'the dashboard returns to its login page again and again; every request is slower',
  cause: 'memcached does not answer on the management address, so sessions and validated tokens are not kept',
  remedy: 'start it',
  service: 'memcached',
  reads: { cache },
  judge: ({ cache: seen }, { lab }) =>
    seen
      .filter(({ text }) => !text.includes('VERSION'))
      .map(({ at, text }) => ({
        about: at,
        evidence: [
          `${at}: memcached at ${socketOf(lab, 'memcached')}: ${text.trim().split('\n').at(-1) || 'no answer'}`,
        ],
        next: `./lab ssh ${at} 'systemctl status memcached; ss -ltn sport = :${ports.memcached}'`,
        fix: { service: 'memcached' },
        explains: [`unit-down ${at}/memcached`, `api-silent ${at}/apache2`],
      })),
})

const apache: ShellRead = { on: 'controller', script: () => 'apache2ctl configtest 2>&1' }

export const apacheConfig = rule({
  symptom: 'the dashboard does not come back after a restart or a package update: Apache does not start',
  cause:
    "Apache rejects its configuration, usually a site that a package enabled without the module it needs (`Invalid command 'SSLEngine'`)",
  remedy: "leave only the lab's own site enabled",
  service: 'horizon',
  reads: { apache },
  judge: ({ apache: seen }) =>
    seen
      .filter(({ text }) => !/Syntax OK/.test(text))
      .map(({ at, text }) => ({
        about: at,
        evidence: text
          .trim()
          .split('\n')
          .filter((line) => /rror|Invalid|AH\d+/.test(line) && !line.includes('AH00558'))
          .slice(0, 3)
          .map((line) => `${at}: apache2ctl configtest: ${line}`),
        next: `./lab ssh ${at} 'apache2ctl configtest; ls /etc/apache2/sites-enabled'`,
        fix: { service: 'horizon' },
        explains: [`unit-down ${at}/apache2`, `api-silent ${at}/apache2`],
      })),
})

/** The last file that says so wins: Django's settings are read in the order of their names. */
const sessions: ShellRead = {
  on: 'controller',
  script:
    () => `cd /etc/openstack-dashboard/local_settings.d && file=$(grep -lE '^CACHES' *.py | LC_ALL=C sort | tail -n 1)
echo "$file $(sed -n '/^CACHES/,/^}/p' "$file" | grep -o "'BACKEND': *'[^']*'" | head -n 1)"`,
}

export const dashboardSessions = rule({
  symptom: 'the dashboard logs users out at random, usually on the page after the login',
  cause:
    'its sessions are in the memory of each Apache process instead of memcached, because a settings file that is read later sets CACHES again',
  remedy: 'remove that file, and restart Apache',
  service: 'horizon',
  reads: { sessions },
  judge: ({ sessions: seen }) =>
    seen
      .filter(({ text }) => /LocMem|Dummy/.test(text))
      .map(({ at, text }) => ({
        about: at,
        evidence: [`${at}: /etc/openstack-dashboard/local_settings.d/${text.trim()}`],
        next: `./lab ssh ${at} 'rm /etc/openstack-dashboard/local_settings.d/${text.split(' ')[0]}; systemctl restart apache2'`,
      })),
})

const proxy: ShellRead = {
  on: 'controller',
  script: (lab: Lab) => `
sed -n 's/^NOVA_CONSOLE_PROXY_TYPE=/type /p' /etc/default/nova-consoleproxy
echo "page $(curl -s -o /dev/null -m 5 -w '%{http_code}' http://${socketOf(lab, 'novncproxy')}/vnc_lite.html)"`,
}

export const consoleProxy = rule({
  symptom: "an instance's console does not open",
  cause:
    "nova-novncproxy does not serve its page: Debian's package starts the proxy that is set in /etc/default/nova-consoleproxy, by default spicehtml5",
  remedy: 'set it to novnc, and restart the proxy',
  service: 'nova',
  reads: { proxy },
  judge: ({ proxy: seen }, { lab }) =>
    seen.flatMap(({ at, text }) => {
      const type = /^type "?([a-z0-9]*)"?$/m.exec(text)?.[1] ?? 'unset'
      const page = /^page (\d+)$/m.exec(text)?.[1] ?? '000'
      if (type === 'novnc' && page === '200') return []
      return [
        {
          about: at,
          evidence: [
            `${at}: /etc/default/nova-consoleproxy: NOVA_CONSOLE_PROXY_TYPE is ${type}`,
            `${at}: GET http://${socketOf(lab, 'novncproxy')}/vnc_lite.html: ${page === '000' ? 'no answer' : page}`,
          ],
          next: lookAtUnit(at, 'nova-novncproxy', '/var/log/nova/nova-novncproxy.log'),
          fix: { service: 'nova' },
          explains: [`unit-down ${at}/nova-novncproxy`],
        },
      ]
    }),
})
