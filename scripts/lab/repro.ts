/** `./lab repro export`: what another person needs to see the same bug, in one archive. */

import { defineCommand } from 'citty'
import { openCloud } from '../cloud/client.ts'
import { isExpected } from '../declaration/errors.ts'
import type { Lab } from '../declaration/lab.ts'
import { loadSecrets } from '../declaration/secrets.ts'
import { diagnose } from '../health/doctor/diagnose.ts'
import { showDiagnosis } from '../health/doctor/text.ts'
import { readStatus } from '../health/status/status.ts'
import { exportRepro } from '../insight/repro/export.ts'
import { traceOf } from '../insight/trace/flow.ts'
import { readPastLaunch } from '../insight/trace/past.ts'
import { showTrace } from '../insight/trace/render-text.ts'
import { lastRecording } from '../insight/trace/store.ts'
import { readVersions } from '../insight/versions.ts'
import { disconnect } from '../run/ssh.ts'
import { checkout } from './checkout.ts'
import { renderDocument } from './documents/document.ts'
import { statusDocument } from './documents/health.ts'
import { versionDocument } from './documents/others.ts'
import { traceDocument } from './documents/trace.ts'
import { packArchive } from './pack-archive.ts'
import { loadRunningLab } from './running-lab.ts'

/** The newest recorded launch, also one that failed; else what the logs still say of the test instance. */
async function readTrace(lab: Lab): Promise<Record<string, string>> {
  try {
    const recording =
      lastRecording(lab) ??
      (await readPastLaunch(lab, await openCloud(lab, loadSecrets(lab.root)), lab.cloud.server.name))
    const trace = traceOf(recording)
    return {
      'trace.txt': `${showTrace(trace)}\n`,
      'trace.json': `${renderDocument(traceDocument, trace)}\n`,
    }
  } catch (error) {
    if (!isExpected(error)) throw error
    return { 'trace.txt': `There is no trace: ${error.message}\n` }
  }
}

async function readDocuments(lab: Lab): Promise<Record<string, string>> {
  const [versions, status, diagnosis, trace] = await Promise.all([
    readVersions(checkout),
    readStatus(lab),
    diagnose(lab),
    readTrace(lab),
  ])
  return {
    'version.json': `${renderDocument(versionDocument, versions)}\n`,
    'status.json': `${renderDocument(statusDocument, status)}\n`,
    'doctor.txt': `${showDiagnosis(diagnosis)}\n`,
    ...trace,
  }
}

export default defineCommand({
  meta: {
    name: 'repro',
    description:
      'Packs what another person needs to see the same bug: ansible-vars/, versions, the packages of each node, patches and debug logging, the trace of a launch, status and doctor, and a README with the steps. Secrets are masked. `./lab logs export` packs the logs.',
  },
  args: {
    action: { type: 'positional', required: true, description: 'export' },
    file: { type: 'positional', required: false, description: 'where to write the archive' },
  },
  async run({ args }) {
    const lab = loadRunningLab(checkout)
    try {
      await packArchive(lab, 'repro', args.file, async (write) =>
        exportRepro(lab, { write, documents: await readDocuments(lab) }),
      )
    } finally {
      disconnect()
    }
  },
})
