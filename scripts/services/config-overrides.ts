/** `lab_config_overrides`: single keys of the declaration that override what the services write. */

import type { Lab } from '../declaration/lab.ts'
import type { ConfigFile, IniContent, Service } from '../engine/service.ts'

/** The service with the lab's overrides merged into its ini files, in every part that writes the file. */
export function applyOverrides(lab: Lab, service: Service): Service {
  const overridden = (file: ConfigFile): ConfigFile => {
    const sections = lab.configOverrides[file.path]
    return sections && isIni(file) ? { ...file, content: mergeIni(file.content, sections) } : file
  }
  return { ...service, parts: service.parts.map((part) => ({ ...part, files: part.files.map(overridden) })) }
}

function isIni(file: ConfigFile): file is ConfigFile & { content: IniContent } {
  return typeof file.content !== 'string'
}

function mergeIni(content: IniContent, sections: Lab['configOverrides'][string]): IniContent {
  const merged: Record<string, IniContent[string]> = { ...content }
  for (const [section, keys] of Object.entries(sections)) merged[section] = { ...merged[section], ...keys }
  return merged
}
