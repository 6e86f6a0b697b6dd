/** Files and directories on a node: content, owner and mode, each corrected where it differs. */

import { createHash } from 'node:crypto'
import { shellQuote } from '../terminal/shell-quote.ts'
import { renderContent } from './ini.ts'
import { heredoc, type Operation } from './operation.ts'
import type { ConfigFile } from './service.ts'

export function ensureFile(file: ConfigFile): Operation {
  const owner = `${file.owner ?? 'root'}:${file.group ?? 'root'}`
  return file.directory ? ensureDirectory(file.path, owner, file.mode ?? '0755') : ensureContent(file, owner)
}

/** As `stat` prints it: `0640` is `640`. */
const statMode = (mode: string) => mode.replace(/^0+(?=\d)/, '')

function ensureContent(file: ConfigFile, owner: string): Operation {
  const content = renderContent(file.content)
  const sum = createHash('sha256').update(content).digest('hex')
  const mode = file.mode ?? '0644'
  const base64 = Buffer.from(content).toString('base64').replaceAll(/.{76}/g, '$&\n')
  return {
    phase: 'files',
    kind: 'file',
    title: `file ${file.path}`,
    path: file.path,
    reads: { files: [file.path] },
    check: `file_right ${shellQuote(file.path)} ${sum} ${shellQuote(`${owner} ${statMode(mode)}`)}`,
    apply: `write_file ${shellQuote(file.path)} ${sum} ${shellQuote(owner)} ${mode} ${heredoc(base64)}`,
    paste: `stat ${shellQuote(file.path)}`,
  }
}

function ensureDirectory(path: string, owner: string, mode: string): Operation {
  return {
    phase: 'files',
    kind: 'directory',
    title: `directory ${path}`,
    path,
    reads: { files: [path] },
    check: `file_right ${shellQuote(path)} directory ${shellQuote(`${owner} ${statMode(mode)}`)}`,
    apply: `make_directory ${shellQuote(path)} ${shellQuote(owner)} ${mode}`,
    paste: `stat ${shellQuote(path)}`,
  }
}
