/** A volume as the instance sees it: found by its serial, written and read by the guest itself. */

import { randomBytes } from 'node:crypto'
import type { Lab } from '../../declaration/lab.ts'
import { runOnHost } from '../../run/process.ts'
import { scaled, timeouts } from '../../run/timeouts.ts'
import { waitFor } from '../../run/wait-for.ts'
import { instanceSshArguments } from './instance-ssh.ts'

/** An instance that lets us in. */
export interface Guest {
  id: string
  address: string
  /** What it printed on its console: its host keys stand there. */
  console: string
}

export interface GuestDisk {
  /** `vdb`: not stable, the serial is. */
  name: string
  bytes: number
}

/** One block of text, other in each run, so that nothing that was there before can be taken for it. */
export function newContent(): string {
  return randomBytes(blockBytes / 2).toString('hex')
}

const blockBytes = 4096

/** At its beginning and in its last block but one of the first GiB, which every volume here has. */
const places = [0, 2 ** 30 / blockBytes - 2]

/** The first 20 characters of the volume's id. Nothing is printed where there is no such disk. */
const findDisk = (volume: string) => `
for file in /sys/block/*/serial; do
  [ "$(cat "$file" 2>/dev/null)" = '${volume.slice(0, 20)}' ] && disk=\${file%/serial} && disk=\${disk##*/}
done
`

async function run(lab: Lab, { id, address, console }: Guest, step: string, script: string): Promise<string> {
  const { stdout } = await runOnHost('ssh', [...instanceSshArguments(lab, id, address, console), 'sh -s'], {
    step: `${step} inside ${address}`,
    input: script,
    timeoutSeconds: scaled(lab, timeouts.nodes.query),
  })
  return stdout.trim()
}

async function readDisk(lab: Lab, guest: Guest, volume: string): Promise<GuestDisk | undefined> {
  const script = `${findDisk(volume)}[ -z "$disk" ] || echo "$disk $(cat /sys/block/$disk/size)"`
  const [name, sectors] = (await run(lab, guest, 'look for a disk', script)).split(' ')
  return name ? { name, bytes: Number(sectors) * 512 } : undefined
}

/** Waits until the guest has the disk, or has it no more. */
export async function waitForDisk(lab: Lab, guest: Guest, volume: string): Promise<GuestDisk> {
  return (await follow(lab, guest, volume, true))!
}

export async function waitForNoDisk(lab: Lab, guest: Guest, volume: string): Promise<void> {
  await follow(lab, guest, volume, false)
}

async function follow(lab: Lab, guest: Guest, volume: string, wanted: boolean): Promise<GuestDisk | undefined> {
  const what = `${guest.address} ${wanted ? 'sees' : 'no longer sees'} volume ${volume}`
  return waitFor(
    lab,
    { what, timeoutSeconds: timeouts.verify.disk.seconds, next: `./lab openstack server show ${guest.id}` },
    async () => {
      const disk = await readDisk(lab, guest, volume)
      return (disk !== undefined) === wanted ? { found: disk } : { now: disk ? disk.name : 'no such disk' }
    },
  )
}

/** To the disk itself, past every cache, as the next reader of it will be somebody else. */
export async function writeContent(lab: Lab, guest: Guest, volume: string, content: string): Promise<void> {
  const write = places.map(
    (place) => `printf %s "$content" | dd of=/dev/$disk bs=${blockBytes} seek=${place} conv=fsync,notrunc 2>&1`,
  )
  await run(lab, guest, 'write to a volume', `${findDisk(volume)}set -e\ncontent=${content}\n${write.join('\n')}\nsync`)
}

/** What stands at the places where `writeContent` writes, one after the other. */
export async function readContent(lab: Lab, guest: Guest, volume: string): Promise<string[]> {
  const read = places.map(
    (place) => `dd if=/dev/$disk bs=${blockBytes} skip=${place} count=1 2>/dev/null | tr -d '\\000'; echo`,
  )
  const text = await run(lab, guest, 'read a volume', `${findDisk(volume)}${read.join('\n')}`)
  return places.map((_, index) => text.split('\n')[index] ?? '')
}
