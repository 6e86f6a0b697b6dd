/**
 * Makes node_modules/@cdktf/provider-* the links that package-lock.json says. npm makes copies of the two packages where
 * `install-links` is on, as it is in npm 9; a copy lacks the bindings, which are made later.
 */

import { existsSync, mkdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { join, relative } from 'node:path'

/** `root`: the checkout. Right links are left alone. */
export function linkPackages(root) {
  const scope = join(root, 'node_modules/@cdktf')
  mkdirSync(scope, { recursive: true })
  for (const name of ['libvirt', 'openstack']) {
    const link = join(scope, `provider-${name}`)
    const target = join(root, 'terraform-providers', name)
    if (existsSync(link) && realpathSync(link) === realpathSync(target)) continue
    rmSync(link, { recursive: true, force: true })
    symlinkSync(relative(scope, target), link)
  }
}
