/** How a service gets root rights on a node: privsep daemons, each with one sudo rule, without rootwrap. */

import type { ConfigFile, IniContent } from '../engine/service.ts'

export interface PrivsepUser {
  /** The Unix user, also the name of its folder in /etc. */
  user: string
  /** The file that the privsep daemon reads. */
  config: string
  /** ini section of a privsep context -> the context's Python name. */
  contexts: Readonly<Record<string, string>>
}

/**
 * `helper_command` of every context. By default each daemon is started through rootwrap, a second Python that only
 * looks up the filter: 15 to 45 s each on an emulated node, so the first attach or DHCP namespace times out.
 */
export function privsepSections({ config, contexts }: Omit<PrivsepUser, 'user'>): IniContent {
  const helper = { helper_command: `sudo privsep-helper --config-file ${config}` }
  return Object.fromEntries(Object.keys(contexts).map((section) => [section, helper]))
}

/** The sudo rules that these sections need: as narrow as rootwrap's filters, written as sudo regular expressions. */
export function privsepSudoers({ user, config, contexts }: PrivsepUser): ConfigFile {
  const escaped = (text: string) => text.replaceAll('.', '\\.')
  const names = Object.values(contexts).map(escaped).join('|')
  const args = `^--config-file ${escaped(config)} --privsep_context (${names}) --privsep_sock_path /tmp/[A-Za-z0-9_]+/privsep\\.sock$`
  return {
    path: `/etc/sudoers.d/duostack-${user}`,
    mode: '0440',
    content: [
      `# ${user} may start its privsep daemons, and nothing else by this file.`,
      `${user} ALL = (root) NOPASSWD: /usr/bin/privsep-helper ${args}`,
      '',
    ].join('\n'),
  }
}
