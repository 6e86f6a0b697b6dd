/**
 * Lists, by place, what the lab knows about the service of docs/dev/add-a-service.md. Run in a copy of the sources that
 * has it; the project itself has no such service, so its name is plain text here.
 */

import { join } from 'node:path'
import type { CloudClient } from '../../scripts/cloud/client.ts'
import { whereToLook } from '../../scripts/cloud/where-to-look.ts'
import { jsonSchemaOf } from '../../scripts/declaration/json-schema.ts'
import { loadLab } from '../../scripts/declaration/load.ts'
import { overridableFiles } from '../../scripts/declaration/override-files.ts'
import { renderDeclarationReference } from '../../scripts/declaration/reference.ts'
import { secretNames } from '../../scripts/declaration/secret-names.ts'
import { loadSecrets } from '../../scripts/declaration/secrets.ts'
import { byService, type ServiceName } from '../../scripts/declaration/service-profiles.ts'
import { judgeCatalog } from '../../scripts/health/checks/endpoints.ts'
import { rules } from '../../scripts/health/doctor/rules/index.ts'
import { parts } from '../../scripts/health/verify/verify.ts'
import { missingInImage } from '../../scripts/host/image-packages.ts'
import { neededPackages } from '../../scripts/host/packages.ts'
import { nodePackages } from '../../scripts/image/recipe.ts'
import { sourcesOf } from '../../scripts/insight/logs/sources.ts'
import { estimate } from '../../scripts/insight/plan/estimate.ts'
import { planLab } from '../../scripts/insight/plan/lab-plan.ts'
import { measured } from '../../scripts/insight/plan/measured.ts'
import { drawPlan } from '../../scripts/insight/plan/svg.ts'
import { parsePackageVersions } from '../../scripts/insight/versions.ts'
import { renderFeatures } from '../../scripts/services/features.ts'
import { enabledServices, serviceOf } from '../../scripts/services/index.ts'
import { unitsOf } from '../../scripts/services/units-of.ts'
import { withdrawnServices } from '../../scripts/services/withdrawn.ts'

const notes = 'notes' as ServiceName
const root = join(import.meta.dirname, '../..')
const secrets = loadSecrets(root)
const byDefault = loadLab(root, { hypervisor: 'lxc' })
const lab = { ...byDefault, services: { ...byDefault.services, [notes]: true } }
const controller = lab.nodes[0]!

const servicesOf = (of: typeof lab) => enabledServices(of).map((name) => serviceOf(of, secrets, name))
const linesWith = (text: string) => text.split('\n').filter((line) => /notes/i.test(line))
const status = (packages: readonly string[]) =>
  packages.map((name) => `Package: ${name}\nStatus: install ok installed\nVersion: 1.2\n`).join('\n')

/** Answers every list request with an empty list. */
const cloud = {
  catalog: [],
  get: async () => ({ services: [], agents: [], hypervisors: [], servers: [] }),
} as unknown as CloudClient

const observed = async (id: string) => {
  const part = parts.find((one) => one.id === id && (one.when?.(lab) ?? true))
  const watch = { lab, cloud: async () => cloud, timeoutFactor: 0 }
  return part ? part.observe(watch, false) : []
}

/** Rules of the doctor that read with a script in which the service is named. */
const rulesThatRead = Object.entries(rules).flatMap(([name, rule]) => {
  const scripts = Object.values(rule.reads).flatMap((read) => ('script' in read ? [read.script(lab, controller)] : []))
  return scripts.some((script) => script.includes('notes')) ? [name] : []
})

const plan = planLab(lab, secrets, true)
const offer = servicesOf({ ...lab, services: byService(() => true) })
const standard = servicesOf(byDefault)

const places = {
  declaration: {
    byDefault: byDefault.services[notes],
    withdrawn: withdrawnServices(byDefault).includes(notes),
    schema: jsonSchemaOf('all').properties?.['lab_services']?.properties?.[notes],
    overridable: Object.keys(overridableFiles).filter((path) => path.includes('notes')),
  },
  secrets: secretNames.filter((name) => name.startsWith('notes')),
  image: {
    packages: nodePackages.filter((name) => name.startsWith('notes')),
    missing: missingInImage(lab, status(nodePackages.filter((name) => !name.startsWith('notes')))).get(notes),
  },
  host: {
    on: neededPackages('lxc', 'netns', lab).map(({ name }) => name),
    off: neededPackages('lxc', 'netns', byDefault).map(({ name }) => name),
  },
  logs: {
    files: sourcesOf(lab, controller, []).files,
    units: [...sourcesOf(lab, controller, [notes]).units],
  },
  whereToLook: whereToLook(notes),
  units: unitsOf(lab).get(controller.name),
  verify: {
    daemons: await observed('notes'),
    catalog: judgeCatalog(lab, []),
  },
  doctor: rulesThatRead,
  plan: {
    service: plan.services.find(({ name }) => name === notes),
    seconds: estimate(plan.services, [], {
      from: '',
      seconds: { 'services/notes': measured.seconds['services/notes'] ?? 0 },
    }).seconds,
    picture: linesWith(drawPlan(plan)).length,
  },
  version: parsePackageVersions(status(nodePackages))[notes],
  docs: {
    declaration: linesWith(renderDeclarationReference()),
    features: linesWith(
      renderFeatures({ machines: standard, containers: standard, fullMachines: offer, fullContainers: offer }),
    ),
  },
}

process.stdout.write(JSON.stringify(places))
