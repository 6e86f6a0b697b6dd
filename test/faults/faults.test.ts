/** `./lab test faults [PART…]`: one lab, all faults, and the table at the end. */

import { afterAll, beforeAll, describe, expect } from 'vitest'
import { openChance } from '../harness/chance.ts'
import { clientTests } from '../harness/clients.ts'
import { type Copy, copyInstalled, here } from '../harness/copy.ts'
import { bringUp, hypervisor } from '../harness/lab.ts'
import { showLedger } from '../harness/ledger.ts'
import { readLabId, readRemains } from '../harness/remains.ts'
import { dozenTest, killedTempestTest } from '../harness/tempest.ts'
import { accessRuleTests } from './access-rules.ts'
import { type Sampler, sampleArguments } from './argv-sampler.ts'
import { changeTests } from './change.ts'
import { checkpointDiskTests } from './checkpoint-disk.ts'
import { checkpointFaultTests } from './checkpoints.ts'
import { classFaultTests } from './class.ts'
import { cloneTests } from './clones.ts'
import { keepDeclaration } from './declaration.ts'
import { destroyTests } from './destroy.ts'
import { diskTests } from './disk.ts'
import { doctorFaultTests, selfServiceDoctorTests } from './doctor.ts'
import { driftTests } from './drift.ts'
import { exerciseFaultTests } from './exercises.ts'
import { exposureTests } from './exposure.ts'
import { featureTests } from './features.ts'
import { formatTests } from './formats.ts'
import { heatTests } from './heat.ts'
import { horizonUploadTests } from './horizon-upload.ts'
import { inputTests } from './input.ts'
import { killTests } from './kills.ts'
import { limitTests } from './limits.ts'
import { loadTests } from './load.ts'
import { patchTests } from './patches.ts'
import { powerStateTests } from './power-states.ts'
import { projectNetworkTests } from './project-networks.ts'
import { rebuildTests } from './rebuild.ts'
import { secretTests } from './secrets.ts'
import { selfServiceFaultTests } from './self-service.ts'
import { serverTests } from './servers.ts'
import { stateTests } from './states.ts'
import { surroundingTests } from './surroundings.ts'
import { tenantTests } from './tenants.ts'
import { twoLabTests } from './two-labs.ts'

let copy: Copy
let sampler: Sampler
const lab = () => copy
const chance = openChance()
const kills = (usual: number) => Number(process.env['DUOSTACK_FAULTS_KILLS'] ?? usual)

/** In this order, on one lab. These parts build as much of it as they need; the others need an existing one. */
const builders = ['kills', 'checkpoint-disk', 'disk', 'destroy']
const parts: Readonly<Record<string, () => void>> = {
  kills: () => killTests(lab, chance, kills(10)),
  states: () => stateTests(lab),
  drift: () => driftTests(lab),
  change: () => changeTests(lab),
  input: () => inputTests(lab),
  surroundings: () => surroundingTests(lab),
  rebuild: () => rebuildTests(lab),
  secrets: () => secretTests(lab, () => sampler),
  exposure: () => exposureTests(lab),
  formats: () => formatTests(lab),
  tenants: () => tenantTests(lab),
  features: () => featureTests(lab),
  limits: () => limitTests(lab),
  load: () => loadTests(lab),
  servers() {
    serverTests(lab)
    accessRuleTests(lab)
    horizonUploadTests(lab)
    powerStateTests(lab)
  },
  heat: () => heatTests(lab),
  'project-networks': () => projectNetworkTests(lab),
  'self-service': () => selfServiceFaultTests(lab),
  exercises: () => exerciseFaultTests(lab, 'provider'),
  'exercises-self-service': () => exerciseFaultTests(lab, 'self-service'),
  class: () => classFaultTests(lab),
  patches: () => patchTests(lab),
  doctor: () => doctorFaultTests(lab),
  'doctor-self-service': () => selfServiceDoctorTests(lab),
  clients: () => clientTests(lab, { whole: true }),
  tempest() {
    dozenTest(lab)
    killedTempestTest(lab)
  },
  'two-labs': () => twoLabTests(lab),
  checkpoints: () => checkpointFaultTests(lab, chance, kills(20)),
  clones: () => cloneTests(lab),
  'checkpoint-disk': () => checkpointDiskTests(),
  disk: () => diskTests(),
  destroy: () => destroyTests(lab),
}

const wanted = (process.env['DUOSTACK_FAULTS_PARTS'] ?? '').split(',').filter(Boolean)
const chosen = wanted.length > 0 ? wanted : Object.keys(parts)
const unknown = wanted.filter((name) => !Object.hasOwn(parts, name))
// Before a checkout is copied and a lab built.
if (unknown.length > 0)
  throw new Error(`no such part: ${unknown.join(', ')}; allowed: ${Object.keys(parts).join(', ')}`)

beforeAll(async () => {
  console.error(`faults: seed ${chance.seed}`)
  sampler = sampleArguments()
  copy = here ?? (await copyInstalled())
})

afterAll(async () => {
  sampler.stop()
  console.error(`\nseed ${chance.seed}, nodes: ${hypervisor}\n\n${showLedger()}`)
  if (here) return
  const id = await readLabId(copy)
  await copy.run('./lab', 'down', '--yes', '--purge')
  const remains = id ? await readRemains(id) : []
  await copy.remove()
  expect(remains).toEqual([])
})

for (const name of Object.keys(parts).filter((one) => chosen.includes(one))) {
  describe(name, () => {
    let putBack: () => Promise<boolean>
    beforeAll(async () => {
      putBack = await keepDeclaration(copy)
      if (!builders.includes(name)) await bringUp(copy, '--hypervisor', hypervisor)
    })
    // What a part that failed half-way has left must not affect the next part or the user.
    afterAll(async () => {
      if ((await putBack()) && (await readLabId(copy))) await bringUp(copy, '--evict')
    })
    parts[name]!()
  })
}
