/** The README's quick start on a machine with nothing installed: how long it takes, and how much is downloaded. */

import { expect } from 'vitest'
import { asRoot, type Host, timed, verified } from './host.ts'
import { expectAsBefore, readRemains } from './remains.ts'

/** What was received over the machine's only uplink. */
const readMiB = async (host: Host) =>
  Number(await asRoot(host, 'cat /sys/class/net/tap0/statistics/rx_bytes')) / 1024 / 1024

/** If Terraform's registry cannot be reached, `up` asks for Go; then it is installed as `up` says. */
async function followAdvice({ machine }: Host): Promise<string[]> {
  const { all } = await machine.run('dev', 'cd ~/duostack && ./lab doctor --host', { quiet: true })
  const [, command] = /Go is missing[\s\S]*?\(Debian 13: (sudo apt install golang-go)\)/.exec(all) ?? []
  if (!command) return []
  const installed = await machine.run('dev', `${command} -y -q`)
  expect(installed.exitCode).toBe(0)
  return [`no registry in reach, so as it says: ${command}`]
}

export async function liveAsNewcomer(host: Host): Promise<string> {
  const { machine } = host
  const packages = await machine.run('dev', 'sudo apt-get update -q && sudo apt-get install -y -q git nodejs npm')
  expect(packages.exitCode).toBe(0)
  const cloned = await machine.run('dev', 'git clone -q ~/published duostack')
  expect(cloned.exitCode, cloned.all).toBe(0)
  const before = await readRemains(host)
  const advised = await followAdvice(host)
  const measured = async (label: string) => {
    const start = await readMiB(host)
    const time = await timed(host, label, './lab up')
    return `${time}, ${Math.round((await readMiB(host)) - start)} MiB, ${await verified(host)}`
  }
  const first = await measured('up')
  const down = await timed(host, 'down', './lab down --yes')
  const second = await measured('second up')
  await timed(host, 'down', './lab down --yes')
  return [...advised, first, down, second, await expectAsBefore(host, before)].join('; ')
}
