/** `lab_config_overrides`: single keys of the declaration, laid over what the services write. */

import type { Lab } from '../declaration/lab.ts'
import type { ConfigFile, IniContent, Service } from '../engine/service.ts'
import { LabError } from '../errors.ts'

/** The service with the lab's overrides merged into its ini files, wherever a part writes that path. */
export function applyOverrides(lab: Lab, service: Service): Service {
  const overridden = (file: ConfigFile): ConfigFile => {
    const sections = lab.configOverrides[file.path]
    return sections && isIni(file) ? { ...file, content: mergeIni(file.content, sections) } : file
  }
  return { ...service, parts: service.parts.map((part) => ({ ...part, files: part.files.map(overridden) })) }
}

/** Throws LabError for every overridden path that none of the services writes as an ini file. */
export function checkOverrides(lab: Lab, services: readonly Service[]): void {
  const files = services.flatMap((service) => service.parts.flatMap((part) => part.files))
  const known = [...new Set(files.filter(isIni).map((file) => file.path))].sort()
  const unknown = Object.keys(lab.configOverrides).filter((path) => !known.includes(path))
  if (unknown.length === 0) return
  throw new LabError(
    unknown.map((path) => ({
      where: 'ansible-vars: lab_config_overrides',
      given: `${path}, which no service of this lab writes as an ini file`,
      allowed: known.join(', '),
    })),
  )
}

function isIni(file: ConfigFile): file is ConfigFile & { content: IniContent } {
  return typeof file.content !== 'string'
}

function mergeIni(content: IniContent, sections: Readonly<Record<string, Record<string, string>>>): IniContent {
  const merged: Record<string, IniContent[string]> = { ...content }
  for (const [section, keys] of Object.entries(sections)) merged[section] = { ...merged[section], ...keys }
  return merged
}
