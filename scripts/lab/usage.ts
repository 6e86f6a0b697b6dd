/** The arguments of a command, as data, for the help, the completion and docs/reference/commands.md. */

import type { ArgDef, ArgsDef } from 'citty'
import type { Entry } from './command-entry.ts'

export interface Option {
  /** `--hypervisor` */
  flag: string
  /** Its value: the allowed words, or a name for the value; absent for a switch. */
  value?: string
  required?: true
  choices: readonly string[]
  description: string
}

export interface Usage {
  name: string
  entry: Entry
  description: string
  /** `./lab up [--hypervisor KIND]` */
  synopsis: string
  /** Positional arguments, in their order. */
  words: readonly { name: string; required: boolean; description: string; choices: readonly string[] }[]
  options: readonly Option[]
}

export async function readUsageOf(name: string, entry: Entry): Promise<Usage> {
  const command = (await entry.load()).default
  const { description = '' } = (typeof command.meta === 'function' ? await command.meta() : await command.meta) ?? {}
  const args = ((typeof command.args === 'function' ? await command.args() : await command.args) ?? {}) as ArgsDef
  const all = Object.entries(args)
  const options = all.filter(([, arg]) => arg.type !== 'positional').map(([key, arg]) => optionOf(key, arg))
  const words = all
    .filter(([, arg]) => arg.type === 'positional')
    .map(([key, arg], index) => ({
      name: key.toUpperCase(),
      required: arg.required !== false && arg.default === undefined,
      description: arg.description ?? '',
      choices: index === 0 && Array.isArray(entry.firstWords) ? entry.firstWords : [],
    }))
  const parts = [
    ...words.map(({ name: word, required }, index) => {
      const shown = entry.repeats && index === words.length - 1 ? `${word}…` : word
      return required ? shown : `[${shown}]`
    }),
    ...options.map(({ flag, value, required }) => {
      const shown = `${flag}${value ? ` ${value}` : ''}`
      return required ? shown : `[${shown}]`
    }),
  ]
  const synopsis = ['./lab', name, ...(entry.passthrough ? [entry.passthrough] : parts)].join(' ')
  return { name, entry, description, synopsis, words, options }
}

function optionOf(key: string, arg: ArgDef): Option {
  const choices = arg.type === 'enum' ? (arg.options ?? []) : []
  const value = choices.length > 0 ? choices.join('|') : (arg.valueHint ?? 'VALUE').toUpperCase()
  const description = arg.description ?? ''
  return {
    flag: `--${key}`,
    choices,
    description,
    ...(arg.type === 'boolean' ? {} : { value }),
    ...(arg.required ? { required: true } : {}),
  }
}
