import { readdirSync, readFileSync, symlinkSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { loadDeclaration } from '../../scripts/declaration/load.ts'
import { parseSource } from '../../scripts/declaration/source.ts'
import { LabError } from '../../scripts/errors.ts'
import { type FileName, makeCheckout, messageOf, pathOf, writeIn } from './checkout.ts'

interface Case {
  title: string
  edits: { file: FileName; from: string; to: string }[]
  message: string
}

const tables = join(import.meta.dirname, 'wrong')

for (const table of readdirSync(tables)) {
  describe(`refused, ${table}`, () => {
    const cases: Case[] = parse(readFileSync(join(tables, table), 'utf8'))
    it.each(cases)('$title', ({ edits, message }) => {
      const root = makeCheckout(...edits.map(({ file, from, to }) => [file, from, to] as const))
      expect(`${messageOf(() => loadDeclaration(root))}\n`).toBe(message)
    })
  })
}

describe('refused as a file', () => {
  const all = pathOf('all')

  it('that is not there', () => {
    const root = makeCheckout()
    unlinkSync(join(root, all))
    expect(messageOf(() => loadDeclaration(root))).toBe(
      `${all}: no such file\n    allowed: a YAML file\n    do: restore it: git checkout -- ${all}`,
    )
  })

  it('that is over 1 MB', () => {
    const root = makeCheckout()
    writeIn(root, all, `# ${'x'.repeat(1_000_000)}\n`)
    expect(messageOf(() => loadDeclaration(root))).toBe(`${all}: 1000003 bytes\n    allowed: a YAML file of up to 1 MB`)
  })

  it('that is 10 MB, without being read', () => {
    const root = makeCheckout()
    writeIn(root, all, new Uint8Array(10_000_000).fill(0x20))
    const start = performance.now()
    expect(messageOf(() => loadDeclaration(root))).toContain(`${all}: 10000000 bytes`)
    expect(performance.now() - start).toBeLessThan(1000)
  })

  it.each([
    ['a letter of another script', 'duost\u0430ck'],
    ['an accent', 'd\u00fcostack'],
    ['a zero-width space', 'duo\u200bstack'],
    ['a right-to-left mark', 'duo\u200fstack'],
    ['an emoji', 'duo\u{1f980}'],
    ['full-width digits', 'duo\uff11'],
  ])('with %s in a name', (_title, name) => {
    const message = messageOf(() => loadDeclaration(makeCheckout(['all', 'duostack', name])))
    expect(message).toMatch(/^ansible-vars\/group_vars\/all\.yml:1(:11)?: /)
    expect(message).toContain('allowed: ')
  })

  it('that is a device', () => {
    const root = makeCheckout()
    unlinkSync(join(root, all))
    symlinkSync('/dev/zero', join(root, all))
    expect(messageOf(() => loadDeclaration(root))).toContain(`${all}: not a regular file`)
  })

  it('that is not UTF-8', () => {
    const root = makeCheckout()
    writeIn(root, all, Uint8Array.of(0x6c, 0xff, 0xfe))
    expect(messageOf(() => loadDeclaration(root))).toContain(`${all}: not UTF-8`)
  })

  it('with a control character', () => {
    const root = makeCheckout(['all', 'RegionOne', 'Region\u001bOne'])
    expect(messageOf(() => loadDeclaration(root))).toContain(`${all}:4: a control character`)
  })

  it('with brackets nested without end', () => {
    const root = makeCheckout()
    writeIn(root, all, `lab_name: ${'['.repeat(200_000)}`)
    expect(messageOf(() => loadDeclaration(root))).toMatch(/all\.yml.*: brackets or lists nested too deeply/)
  })

  it('that Ansible would read and the lab would not', () => {
    const root = makeCheckout()
    writeIn(root, 'ansible-vars/host_vars/compute1.yml', 'vcpus: 8\n')
    writeIn(root, 'ansible-vars/group_vars/neutron.yml', 'a: 1\n')
    writeIn(root, 'ansible-vars/group_vars/all.yml~', 'left by an editor\n')
    expect(
      messageOf(() => loadDeclaration(root))
        .split('\n')
        .filter((line) => line.startsWith('ansible-vars')),
    ).toEqual([
      'ansible-vars/group_vars/neutron.yml: not read by the lab: what stands there has no effect',
      'ansible-vars/host_vars: not read by the lab: what stands there has no effect',
    ])
  })
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

  it('in comments are none', () => {
    expect(() =>
      loadDeclaration(makeCheckout(['all', 'RegionOne', 'RegionOne # {{ a }} !vault &b *c \t'])),
    ).not.toThrow()
  })
})

describe('whatever stands in a file', () => {
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

  it('nothing of it is written, kept or run', () => {
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

  it('every finding of its text has a place in it', () => {
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
