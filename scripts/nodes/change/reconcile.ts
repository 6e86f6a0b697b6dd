/** Applies changes of the declaration to a running lab before Terraform runs, where Terraform alone would lose data. */

import { fileURLToPath } from 'node:url'
import type { CloudClient } from '../../cloud/client.ts'
import { NotReadyError } from '../../declaration/errors.ts'
import type { Lab } from '../../declaration/lab.ts'
import { readDomains } from '../../libvirt/domains.ts'
import type { LibvirtDomain } from '../../libvirt/xml.ts'
import { expectProgram, runInside } from '../../run/inside-program.ts'
import type { Progress } from '../../run/progress.ts'
import { readState } from '../../terraform/state.ts'
import { findNodeChanges, isSwitchedOff, losesRouting } from './node-changes.ts'

export interface Reconciled {
  /** Names of nodes that are gone now. */
  retired: readonly string[]
  /** Names of nodes that have just been started. */
  restarted: readonly string[]
}

const evictFlag = '--evict'

/**
 * Retires nodes that are no longer declared, empties Cinder where it is switched off, removes routers where projects have
 * none any more, gives nodes their new size. Throws before anything is touched where users' servers or volumes are in the way and `evict` does not allow to move them.
 */
export async function reconcileNodes(lab: Lab, domains: readonly LibvirtDomain[], evict: boolean): Promise<Reconciled> {
  const { retired, resized } = findNodeChanges(lab, domains, readState(lab, 'nodes'))
  const changed = [...retired, ...resized.map(({ node }) => node.name)]
  const services =
    isSwitchedOff(lab, 'cinder', readState(lab, 'services')) || losesRouting(lab, readState(lab, 'cloud'))
  if (changed.length === 0 && !services) return { retired: [], restarted: [] }
  // From where the nodes can be reached.
  const step = { step: 'reconcile the nodes', paste: './lab plan' }
  await expectProgram(lab, step, import.meta.filename, ...(evict ? [evictFlag] : []))
  return { retired, restarted: resized.map(({ node }) => node.name) }
}

/** Undefined if the services were never deployed: then nobody can have anything in the cloud. */
async function openStandingCloud(lab: Lab): Promise<CloudClient | undefined> {
  if (!readState(lab, 'services').some(({ name }) => name === 'nova')) return undefined
  const [{ openCloud }, { loadSecrets }] = await Promise.all([
    import('../../cloud/client.ts'),
    import('../../declaration/secrets.ts'),
  ])
  return openCloud(lab, loadSecrets(lab.root)).catch((error: unknown) => {
    if (!(error instanceof NotReadyError)) throw error
    const what = `the cloud, which must be asked what lives on what is to go: ${error.what}`
    throw new NotReadyError(what, error.waitedSeconds, error.lastAnswer, './lab doctor; if nodes are off, ./lab start')
  })
}

async function reconcileInside(lab: Lab, progress: Progress, evict: boolean): Promise<void> {
  const { retired, resized } = findNodeChanges(lab, await readDomains(lab), readState(lab, 'nodes'))
  const cinderGoes = isSwitchedOff(lab, 'cinder', readState(lab, 'services'))
  const routingGoes = losesRouting(lab, readState(lab, 'cloud'))
  if (retired.length > 0 || cinderGoes || routingGoes) {
    const [{ checkTenants, retireNode }, { emptyCinder }, { checkRouting, removeRouting }] = await Promise.all([
      import('./retire.ts'),
      import('./cinder-off.ts'),
      import('./routing-off.ts'),
    ])
    const cloud = await openStandingCloud(lab)
    const options = { lab, cloud, evict, progress }
    await checkTenants(retired, options)
    if (cloud && routingGoes) await checkRouting(lab, cloud)
    if (cloud && cinderGoes) await emptyCinder(lab, cloud, progress)
    if (cloud && routingGoes) await removeRouting(lab, cloud, progress)
    for (const node of retired) await retireNode(node, options)
  }
  if (resized.length > 0) {
    const { resizeNodes } = await import('./resize.ts')
    await resizeNodes(lab, resized, progress)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await runInside((lab, progress) => reconcileInside(lab, progress, process.argv.includes(evictFlag)))
