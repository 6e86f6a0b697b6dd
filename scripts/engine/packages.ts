/** Debian packages on a node: all are in the node image, and are installed if they are missing. */

import { timeouts } from '../run/timeouts.ts'
import { shellQuote } from '../terminal/shell-quote.ts'
import type { Operation } from './operation.ts'

/**
 * If D-Bus reads a package's policy before the package has created the user named in it, it ignores the policy: polkit
 * cannot take its name, and libvirtd lets nobody in.
 */
export const readPolicies = `[[ ! -S /run/dbus/system_bus_socket ]] ||
  busctl -q call org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus ReloadConfig`

/** A package enables its units, also those that no service of the lab uses: the node's preset decides instead. */
const presetNewUnits = `mapfile -t units < <(
    dpkg-query -W -f '\${Package} \${db:Status-Status}\\n' | while read -r name status; do
      [[ $status != installed || \${package_state[$name]:-} == installed ]] || dpkg -L "$name"
    done | sed -nE 's,^(/usr)?/lib/systemd/system/([^/@]+[.](service|socket|timer|path))$,\\2,p'
  )
  ((!\${#units[@]})) || systemctl preset --quiet -- "\${units[@]}" || true`

const policyMark = '# Written by duostack, for as long as it installs packages.'

/** The operation's exit code if the node has no source for missing packages. */
export const nowhereToGet = 45

export interface PackageOptions {
  /** The node has a package repository that it can reach, as with a stock image. */
  repository?: boolean
  /** A folder on the node with the files of the missing packages. */
  folder?: string
}

/** All packages of a part at once; nothing for an empty list. Their daemons are neither started nor enabled. */
export function ensurePackages(packages: readonly string[], { repository, folder }: PackageOptions = {}): Operation[] {
  if (packages.length === 0) return []
  const names = packages.map(shellQuote).join(' ')
  // Without a repository there is nothing worth caching.
  const cache = repository ? '' : ' -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache='
  // The lock's timeout: several services of one node install at the same time, and apt's timers may run at first boot.
  const install = `apt-get -y${cache} -o DPkg::Lock::Timeout=${timeouts.services.aptLock.seconds} -o Dpkg::Options::=--force-confold --no-install-recommends install ${names}`
  const files = folder ? ` ${folder}/*.deb` : ''
  const again = repository
    ? `apt-get -o DPkg::Lock::Timeout=${timeouts.services.aptLock.seconds} update\ninstall`
    : `install || return ${folder ? '' : nowhereToGet}`
  return [
    {
      phase: 'packages',
      kind: 'packages',
      title: `packages ${packages.join(' ')}`,
      reads: { packages: true },
      check: `
missing=
for name in ${names}; do [[ \${package_state[$name]:-} == installed ]] || missing+=" $name"; done
[[ -z $missing ]] || { echo "not installed:$missing"; return 1; }`,
      apply: `
# One at a time: the policy below is the node's, and goes with the one who made it.
exec 7>"$run_directory/packages.lock"
flock -w 600 7 || { echo "another installation still holds $run_directory/packages.lock"; return 1; }
# What the one before installed is not new any more: its units may have been enabled since.
read_packages
# Without a policy, a package's own script would start its daemon with the distribution's configuration. One with our
# mark is of a run that was killed.
if [[ ! -e $policy_file ]] || grep -qx '${policyMark}' "$policy_file"; then
  trap 'rm -f -- "$policy_file"' EXIT
  printf '%s\\n' '#!/bin/sh' '${policyMark}' 'exit 101' >"$policy_file"
  chmod 0755 "$policy_file"
fi
install() {
  ${install}${files} || return
  ${presetNewUnits}
  ${readPolicies}
}
install && return 0
# A run that was killed inside dpkg leaves packages unpacked, and a node image carries no package lists.
dpkg --configure -a --force-confold || true
${again}`,
      paste: `apt-get install --no-install-recommends ${names}`,
      timeoutSeconds: timeouts.services.packages.seconds,
    },
  ]
}
