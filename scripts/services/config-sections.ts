/** Finds the sections of the services' ini files that say how to reach something, for probes that do the same. */

import type { Lab } from '../declaration/lab.ts'
import { loadSecrets } from '../declaration/secrets.ts'
import { enabledServices, serviceOf } from './index.ts'

/** Sections of the enabled services that have all of these keys, each listed once. */
export function sectionsWith(lab: Lab, ...keys: readonly string[]): { path: string; section: string }[] {
  const secrets = loadSecrets(lab.root)
  const services = enabledServices(lab).map((name) => serviceOf(lab, secrets, name))
  const files = services.flatMap(({ parts }) => parts.flatMap((part) => part.files))
  const found = files.flatMap(({ path, content }) => {
    if (typeof content === 'string') return []
    const sections = Object.entries(content).filter(([, values]) => keys.every((key) => key in values))
    return sections.map(([section]) => ({ path, section }))
  })
  return [...new Map(found.map((one) => [`${one.path} ${one.section}`, one])).values()]
}
