/** Renders the content of a config file: the same data always gives the same bytes. */

import type { IniContent } from './service.ts'

/** `[section]`, then `key = value` in the order given; an array repeats its key. Text content is returned unchanged. */
export function renderContent(content: IniContent | string): string {
  if (typeof content === 'string') return content
  return Object.entries(content)
    .map(([section, options]) => `[${section}]\n${Object.entries(options).map(renderOption).join('')}`)
    .join('\n')
}

function renderOption([key, value]: [string, IniContent[string][string]]): string {
  const values = Array.isArray(value) ? value : [value]
  return values
    .map((one) => {
      if (String(one).includes('\n')) throw new Error(`the value of ${key} has more than one line`)
      return `${key} = ${one}`.trimEnd().concat('\n')
    })
    .join('')
}
