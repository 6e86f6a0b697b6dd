/**
 * Run inside the lab, `horizon-upload-client.ts FILE NAME`: uploads an image as a browser does. Prints the answer's
 * status.
 */

import { openAsBlob } from 'node:fs'
import { urlOf } from '../../scripts/declaration/endpoints.ts'
import { loadLab } from '../../scripts/declaration/load.ts'
import { loadSecrets } from '../../scripts/declaration/secrets.ts'
import { Browser, signIn } from '../../scripts/health/verify/dashboard.ts'

const [file, name] = process.argv.slice(2)
const lab = loadLab()
const browser = new Browser(300)
const base = `${urlOf(lab, 'horizon')}/horizon`
await signIn(browser, base, loadSecrets(lab.root).admin_password)
const form = new FormData()
const fields = { name, disk_format: 'raw', container_format: 'bare', visibility: 'private', source_type: 'file-legacy' }
for (const [key, value] of Object.entries(fields)) form.set(key, value!)
form.set('data', await openAsBlob(file!), name)
const { status, text } = await browser.ask(`${base}/api/glance/images/`, form)
console.log(`${status} ${status === 201 ? '' : text.slice(0, 300)}`)
