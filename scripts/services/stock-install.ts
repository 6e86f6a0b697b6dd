/** How a node of a stock image gets its packages: one script, which after an interruption is simply run again. */

import { readPolicies } from '../engine/packages.ts'
import {
  afterPackages,
  beforeDashboard,
  beforePackages,
  byteCode,
  byteCodeMade,
  dashboardFiles,
} from '../image/tree-excerpts.ts'
import { timeouts } from '../run/timeouts.ts'

const state = '/var/lib/duostack'

export const statePaths = {
  sources: '/etc/apt/sources.list.d/duostack.list',
  script: '/usr/local/sbin/duostack-packages',
  /** The packages that the node should have, one per line; and the packages of the last completed run. */
  wanted: '/etc/duostack/packages',
  installed: `${state}/packages`,
}

const refuseOther = `
. /etc/os-release
machine=$(dpkg --print-architecture)
if [ "$ID $VERSION_ID $machine" != 'debian 12 amd64' ]; then
  echo "this image is $PRETTY_NAME for $machine; a lab needs Debian 12 for amd64, whose packages its services are"
  exit 1
fi`

/** What packages enable is the difference to what was enabled before, which an interrupted run has already noted. */
const noteEnabled = `
install -d ${state}
enabled() { { find /etc/systemd/system/*.wants /etc/systemd/system/*.requires /etc/rc[0-9S].d -type l 2>/dev/null || :; } | sort; }
[ -e ${state}/enabled ] || { enabled >${state}/enabled.new; mv ${state}/enabled.new ${state}/enabled; }`

/** The lines from the image's script expect a tree in which they have not run yet. */
const undoCutOff = `
if dpkg-divert --list /usr/bin/py3compile | grep -q .; then
  rm -f /usr/bin/py3compile
  dpkg-divert --quiet --local --rename --remove /usr/bin/py3compile
fi
dpkg-statoverride --quiet --remove /usr/share/openstack-dashboard/manage.py || :
dashboard=
if grep -qx openstack-dashboard ${statePaths.wanted} && ! [ -e ${state}/dashboard ]; then dashboard=yes; fi`

/** The image's own sources stay in their file but are not used: each of them would time out. */
const install = `
apt="apt-get -o DPkg::Lock::Timeout=${timeouts.services.aptLock.seconds} -o Dir::Etc::sourcelist=${statePaths.sources} -o Dir::Etc::sourceparts=- -o APT::Get::List-Cleanup=0"
dpkg --configure -a --force-confold
$apt --error-on=any update
xargs -a ${statePaths.wanted} $apt -y -o Dpkg::Options::=--force-confold --no-install-recommends install
apt-get clean`

/** A daemon that is not configured must not run, now or after a reboot: the service that configures it enables it. */
const disableNew = `
units=()
while read -r link; do
  rm -f -- "$link"
  case $link in /etc/systemd/*) units+=("\${link##*/}") ;; esac
done < <(enabled | comm -13 ${state}/enabled -)
if [ \${#units[@]} -gt 0 ]; then systemctl preset --quiet -- "\${units[@]}" || :; fi
rm -f ${state}/enabled
systemctl daemon-reload
systemctl restart systemd-journald`

/** Kept on the node as a file, so that a person can read and run it. */
export const installScript = [
  '#!/bin/bash',
  '# Installs what the roles of this node need; ends at once where that is done. Written by duostack.',
  'set -euo pipefail',
  'export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive',
  `if cmp -s ${statePaths.wanted} ${statePaths.installed}; then exit 0; fi`,
  refuseOther,
  noteEnabled,
  undoCutOff,
  beforePackages,
  'if [ -n "$dashboard" ]; then',
  beforeDashboard,
  'fi',
  install,
  byteCode,
  'if [ -n "$dashboard" ]; then',
  dashboardFiles,
  `touch ${state}/dashboard`,
  'fi',
  byteCodeMade,
  afterPackages,
  disableNew,
  readPolicies,
  `cp ${statePaths.wanted} ${statePaths.installed}`,
  '',
].join('\n')
