/**
 * Run inside the lab: as `demo`, asks Glance to download from an address on the management network. Prints the answers
 * as JSON.
 */

import { signIn } from '../../scripts/cloud/client.ts'
import { urlOf } from '../../scripts/declaration/endpoints.ts'
import { controllerOf } from '../../scripts/declaration/lab.ts'
import { loadLab } from '../../scripts/declaration/load.ts'
import { loadSecrets } from '../../scripts/declaration/secrets.ts'

export interface Answers {
  methods: string[]
  /** Glance's answer to the import. */
  said: string
  /** The image's status afterwards; `queued` if nothing was read. */
  status: string
}

const lab = loadLab()
const cloud = await signIn({
  authUrl: `${urlOf(lab, 'keystone')}/v3`,
  name: 'demo',
  password: loadSecrets(lab.root).demo_password,
  region: lab.region,
  timeoutSeconds: 60,
  controller: controllerOf(lab).name,
})
const info = await cloud.get<{ 'import-methods': { value: string[] } }>('image', '/v2/info/import')
const wish = { name: 'read-for-me', disk_format: 'raw', container_format: 'bare' }
const { id } = await cloud.post<{ id: string }>('image', '/v2/images', { body: wish })
const method = { name: 'web-download', uri: `${urlOf(lab, 'nova')}/` }
const said = await cloud.post('image', `/v2/images/${id}/import`, { body: { method } }).then(
  () => 'accepted',
  (error: Error) => error.message,
)
await new Promise((resolve) => setTimeout(resolve, 5000))
const { status } = await cloud.get<{ status: string }>('image', `/v2/images/${id}`)
await cloud.delete('image', `/v2/images/${id}`)
const answers: Answers = { methods: info['import-methods'].value, said, status }
console.log(JSON.stringify(answers))
