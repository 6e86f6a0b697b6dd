/**
 * The parts of the node image's scripts that also apply to a node whose packages are installed during the deploy. They
 * are extracted from these scripts, so that nothing is written twice and the image's recipe does not change.
 */

import { readFileSync } from 'node:fs'
import { treeScripts } from './recipe.ts'

const [begin = '', finish = ''] = treeScripts.map((file) => readFileSync(file, 'utf8'))

/** The lines from the one that begins with `first` to before the one that begins with `end`, by default an empty one. */
export function excerpt(script: string, first: string, end?: string): string {
  const lines = script.split('\n')
  const from = lines.findIndex((line) => line.startsWith(first))
  const length = lines.slice(from).findIndex((line) => (end === undefined ? line === '' : line.startsWith(end)))
  if (from < 0 || length < 1) throw new Error(`the image's scripts have no lines from "${first}" to "${end ?? ''}"`)
  return lines.slice(from, from + length).join('\n')
}

/** Before the packages: no daemon starts, and no package makes its own byte code. */
export const beforePackages = [
  excerpt(begin, "printf '#!/bin/sh\\nexit 101"),
  excerpt(begin, '# Byte code is made for all'),
].join('\n')
export const beforeDashboard = excerpt(begin, "# The dashboard's static files")

/** After them, in this order. */
export const byteCode = excerpt(finish, "echo 'phase: byte code", 'dpkg-statoverride')
export const dashboardFiles = excerpt(finish, 'dpkg-statoverride --remove')
export const byteCodeMade = excerpt(finish, '# The byte code is made')
export const afterPackages = [
  excerpt(finish, '# `systemctl enable` of a unit'),
  excerpt(finish, '# No login prompts'),
  excerpt(finish, '# openstack-dashboard-apache enables'),
  excerpt(finish, "printf 'APT::Install-Recommends", 'rm '),
].join('\n')
