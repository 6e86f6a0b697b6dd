/** Opens the user's browser, if this session has one. */

import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

function isOnPath(program: string, path = process.env['PATH'] ?? ''): boolean {
  return path.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** The program that opens an address; undefined over ssh, in CI, and wherever else there is no screen. */
export function browserOf(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  if (environment['BROWSER']) return environment['BROWSER']
  const hasScreen = environment['DISPLAY'] || environment['WAYLAND_DISPLAY']
  return hasScreen && isOnPath('xdg-open', environment['PATH']) ? 'xdg-open' : undefined
}

/** Opens an address and does not wait; true if there was a browser to ask. */
export function openBrowser(url: string): boolean {
  const browser = browserOf(process.env)
  if (!browser) return false
  spawn(browser, [url], { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref()
  return true
}
