/**
 * All access to libvirtd goes through virsh, and all use of virsh through this file: run here, in a script, or shown to
 * a person.
 */

import type { LibvirtDriver } from '../declaration/lab.ts'
import { type HostCommand, type HostResult, runOnHost } from '../run/process.ts'
import { timeouts } from '../run/timeouts.ts'
import { shellQuote } from '../terminal/shell-quote.ts'

/** Before what a libvirtd is asked. */
export const virshWords = (uri: string): string[] => ['virsh', '-q', '-c', uri]

/** Runs virsh on a libvirtd; one word of `args` may hold several commands, parted by `;`. Throws CommandError. */
export function runVirsh(uri: string, args: readonly string[], command: HostCommand): Promise<HostResult> {
  const [program = '', ...all] = [...virshWords(uri), ...args]
  return runOnHost(program, all, { timeoutSeconds: timeouts.machine.command.seconds, ...command })
}

/** A command of a shell's text. */
export const virshInShell = (uri: string, ...args: string[]): string =>
  [...virshWords(uri), ...args].map(shellQuote).join(' ')

/** How a person names what was asked: `virsh list --all`. */
export const virshText = (...args: string[]): string => ['virsh', ...args].join(' ')

/** For a person to paste, in the lab's checkout. */
export const virshHint = (...args: string[]): string => `./lab exec -- ${virshText(...args)}`

/** The commands that switch a domain off hard and make libvirt forget it. */
export function removeDomain({ uuid, driver, running }: { uuid: string; driver: LibvirtDriver; running: boolean }) {
  const flags = driver === 'lxc' ? '' : ' --managed-save --snapshots-metadata --checkpoints-metadata --nvram'
  return [...(running ? [`destroy ${uuid}`] : []), `undefine ${uuid}${flags}`]
}

export const removeNetwork = ({ uuid }: { uuid: string }) => [`net-destroy ${uuid}`, `net-undefine ${uuid}`]
export const removePool = ({ uuid }: { uuid: string }) => [`pool-destroy ${uuid}`, `pool-undefine ${uuid}`]
