/**
 * Run inside the lab, `server-action.ts ID VERSION JSON`: a server action that the installed client does not support.
 */

import { openCloud } from '../../scripts/cloud/client.ts'
import { loadLab } from '../../scripts/declaration/load.ts'
import { loadSecrets } from '../../scripts/declaration/secrets.ts'

const [id, version, body] = process.argv.slice(2)
const lab = loadLab()
const cloud = await openCloud(lab, loadSecrets(lab.root))
const headers = { 'OpenStack-API-Version': `compute ${version}` }
await cloud.post('compute', `/servers/${id}/action`, { headers, body: JSON.parse(body!) })
