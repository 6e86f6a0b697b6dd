/**
 * Run inside the lab, `clients.ts SECONDS`: eight clients that each send the next request as soon as the last is
 * answered.
 */

import { type CloudClient, openCloud } from '../../scripts/cloud/client.ts'
import { loadLab } from '../../scripts/declaration/load.ts'
import { loadSecrets } from '../../scripts/declaration/secrets.ts'

/** Printed as JSON. */
export interface Load {
  /** Milliseconds that each answer took, by request, in ascending order. */
  times: Record<string, number[]>
  errors: string[]
}

const lab = loadLab()
const secrets = loadSecrets(lab.root)
const load: Load = { times: {}, errors: [] }
const end = performance.now() + Number(process.argv[2]) * 1000

const questions: Readonly<Record<string, (cloud: CloudClient) => Promise<unknown>>> = {
  'a token': () => openCloud(lab, secrets),
  // Keystone answers this only after it has validated the caller's token.
  'its validation': (cloud) => cloud.get('identity', '/auth/catalog'),
  servers: (cloud) => cloud.get('compute', '/servers/detail'),
  ports: (cloud) => cloud.get('network', '/v2.0/ports'),
}

async function ask(): Promise<void> {
  const cloud = await openCloud(lab, secrets)
  while (performance.now() < end) {
    for (const [name, question] of Object.entries(questions)) {
      const start = performance.now()
      await question(cloud).catch((error: Error) => load.errors.push(`${name}: ${error.message.split('\n')[0]}`))
      load.times[name] ??= []
      load.times[name].push(performance.now() - start)
    }
  }
}

await Promise.all(Array.from({ length: 8 }, ask))
for (const all of Object.values(load.times)) all.sort((one, other) => one - other)
console.log(JSON.stringify(load))
