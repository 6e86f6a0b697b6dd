import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LabError } from '../../scripts/declaration/errors.ts'
import { loadDeclaration } from '../../scripts/declaration/load.ts'
import { parseSource } from '../../scripts/declaration/source.ts'
import { makeCheckout, messageOf, pathOf, writeIn } from './checkout.ts'
import { wrongFiles, wrongTables } from './wrong-declarations.ts'

for (const [table, cases] of Object.entries({ ...wrongTables, files: wrongFiles })) {
  describe(`refused, ${table}`, () => {
    it.each(cases)('$title', ({ spoil, message }) => {
      const root = makeCheckout()
      spoil(root)
      const said = messageOf(() => loadDeclaration(root))
      if (message instanceof RegExp) expect(said).toMatch(message)
      else expect(said).toBe(message)
    })
  })
}

it('a file of 10 MB is not read before it is refused', () => {
  const root = makeCheckout()
  wrongFiles.find(({ title }) => title === 'a file of 10 MB')!.spoil(root)
  const start = performance.now()
  expect(() => loadDeclaration(root)).toThrow(LabError)
  expect(performance.now() - start).toBeLessThan(1000)
})

describe('mistakes', () => {
  it('are all reported at once, in the order of the files and of their lines', () => {
    const root = makeCheckout(
      ['all', 'RegionOne', '"{{ region }}"'],
      ['all', 'cidr: 10.0.0.0/24', 'cidr: 10.0.0.0/33'],
      ['all', 'vlan_id: 101', 'vlan_id: 200'],
      ['all', 'console: 6080', 'console: 8080'],
      ['compute', 'vcpus: 2', 'vcpu: 2'],
      ['hosts', '10.0.0.31', '10.0.0.11'],
    )
    const places = messageOf(() => loadDeclaration(root))
      .split('\n')
      .filter((line) => !line.startsWith(' '))
    expect(places.map((line) => line.split(': ')[0])).toEqual([
      'ansible-vars/group_vars/all.yml:4:14',
      'ansible-vars/group_vars/all.yml:6:9',
      'ansible-vars/group_vars/all.yml:15:12',
      'ansible-vars/group_vars/all.yml:38:12',
      'ansible-vars/group_vars/compute.yml:1:1',
      'ansible-vars/hosts.yml:10:25',
    ])
  })

  it('in comments are ignored', () => {
    expect(() =>
      loadDeclaration(makeCheckout(['all', 'RegionOne', 'RegionOne # {{ a }} !vault &b *c \t'])),
    ).not.toThrow()
  })
})

describe('whatever a file contains', () => {
  const names = ['hosts', 'all', 'controller', 'compute', 'storage'] as const
  const snippet = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom(
      '{{ x }}',
      '{%',
      '!vault',
      '&a',
      '*a',
      '<<: ',
      '\t',
      '- ',
      '? ',
      ': ',
      '|',
      '"',
      "'",
      '#',
      '\n',
      '\r',
    ),
    fc.constantFrom('~', '{}', '[]', '__proto__: 1', 'constructor: 1', 'toString', '0', '-1', '.nan', '.inf', '1e999'),
  )

  it('the answer is a declaration or a LabError', () => {
    const root = makeCheckout()
    const right = Object.fromEntries(names.map((name) => [name, readFileSync(join(root, pathOf(name)), 'utf8')]))
    const edit = fc.record({ name: fc.constantFrom(...names), at: fc.nat(), length: fc.nat(40), snippet })
    fc.assert(
      fc.property(edit, ({ name, at, length, snippet }) => {
        const text = right[name]!
        const start = at % text.length
        writeIn(root, pathOf(name), text.slice(0, start) + snippet + text.slice(start + length))
        try {
          loadDeclaration(root)
        } catch (error) {
          if (!(error instanceof LabError)) throw error
          expect(error.findings.length).toBeGreaterThan(0)
        } finally {
          writeIn(root, pathOf(name), text)
        }
      }),
      { numRuns: 100 },
    )
  })

  it('nothing of it is written, stored or run', () => {
    const root = makeCheckout()
    const look = () => readdirSync(root, { recursive: true, encoding: 'utf8' }).sort()
    const [before, own] = [look(), Object.keys(Object.prototype)]
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.array(snippet), (name, snippets) => {
        const text = readFileSync(join(root, pathOf(name)), 'utf8')
        const wrong = `${text}\n${snippets.join('')}`
        writeIn(root, pathOf(name), wrong)
        try {
          loadDeclaration(root)
        } catch (error) {
          if (!(error instanceof LabError)) throw error
        }
        expect(readFileSync(join(root, pathOf(name)), 'utf8')).toBe(wrong)
        writeIn(root, pathOf(name), text)
        expect(look()).toEqual(before)
        expect(Object.keys(Object.prototype)).toEqual(own)
      }),
      { numRuns: 60 },
    )
  })

  it('every finding has a position in the file', () => {
    fc.assert(
      fc.property(fc.array(snippet), (snippets) => {
        const text = snippets.join('')
        for (const { where } of parseSource('file.yml', text).findings) {
          const [, line, column] = /^file\.yml(?::(\d+))?(?::(\d+))?$/.exec(where) ?? ['', 'no place']
          expect(Number(line ?? 1)).toBeLessThanOrEqual(text.split('\n').length)
          expect(Number(column ?? 1)).toBeGreaterThan(0)
        }
      }),
      { numRuns: 200 },
    )
  })
})
