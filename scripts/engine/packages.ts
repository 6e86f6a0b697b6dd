/** Debian packages on a node: all stand in the node image, and are installed where they are missing. */

import { type Operation, quote } from './operation.ts'

/**
 * D-Bus reads the policy of a package before the package has made the user that it is for, and then ignores it: polkit
 * cannot take its name, and libvirtd lets nobody in.
 */
export const readPolicies = `[[ ! -S /run/dbus/system_bus_socket ]] ||
  busctl -q call org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus ReloadConfig`

/** All packages of a part at once; nothing for an empty list. Daemons that come with them are not started. */
export function ensurePackages(packages: readonly string[]): Operation[] {
  if (packages.length === 0) return []
  const names = packages.map(quote).join(' ')
  // The lock's timeout: several services of one node install at the same time, and apt's timers may run at first boot.
  const install = `apt-get -y -o DPkg::Lock::Timeout=600 -o Dpkg::Options::=--force-confold --no-install-recommends install ${names}`
  return [
    {
      phase: 'packages',
      title: `packages ${packages.join(' ')}`,
      reads: { packages: true },
      check: `
missing=
for name in ${names}; do [[ \${package_state[$name]:-} == installed ]] || missing+=" $name"; done
[[ -z $missing ]] || { echo "not installed:$missing"; return 1; }`,
      apply: `
# Without a policy, a package's own script would start its daemon with the distribution's configuration.
[[ -e $policy_file ]] || { printf '#!/bin/sh\\nexit 101\\n' >"$policy_file"; chmod 0755 "$policy_file"; }
install() {
  ${install} || return
  ${readPolicies}
}
install && return 0
# A run that was killed inside dpkg leaves packages unpacked, and a node image carries no package lists.
dpkg --configure -a --force-confold || true
apt-get -o DPkg::Lock::Timeout=600 update
install`,
      paste: `apt-get install --no-install-recommends ${names}`,
      timeoutSeconds: 1800,
    },
  ]
}
