import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { secretNames } from '../../scripts/declaration/secret-names.ts'
import { ensureSecrets, loadSecrets, rotateSecrets } from '../../scripts/declaration/secrets.ts'
import { isRoot } from '../../scripts/run/process.ts'
import { makeCheckout, messageOf } from './checkout.ts'

const file = 'ansible-vars/secrets.yml'

function write(root: string, text: string, mode = 0o600) {
  writeFileSync(join(root, file), text)
  chmodSync(join(root, file), mode)
}

describe('secrets', () => {
  it('are generated once, each its own, safe in a URL, an ini file and a shell, and only the owner’s to read', () => {
    const root = makeCheckout()
    const secrets = ensureSecrets(root)
    expect(Object.keys(secrets)).toEqual([...secretNames])
    for (const value of Object.values(secrets)) expect(value).toMatch(/^[A-Za-z0-9]{32}$/)
    expect(new Set(Object.values(secrets)).size).toBe(secretNames.length)
    expect(statSync(join(root, file)).mode & 0o777).toBe(0o600)
    expect(ensureSecrets(root)).toEqual(secrets)
    expect(loadSecrets(root)).toEqual(secrets)
    expect(readdirSync(join(root, 'ansible-vars')).sort()).toEqual(['group_vars', 'hosts.yml', 'secrets.yml'])
  })

  it('missing from an older file are added; the others and the user’s own lines are kept', () => {
    const root = makeCheckout()
    write(root, '# mine\nadmin_password: "correct0horse"')
    const secrets = ensureSecrets(root)
    expect(secrets.admin_password).toBe('correct0horse')
    expect(secrets.digest_key).toMatch(/^[A-Za-z0-9]{32}$/)
    expect(readFileSync(join(root, file), 'utf8')).toMatch(
      /^# mine\nadmin_password: "correct0horse"\nrabbitmq_password: "/,
    )
    expect(statSync(join(root, file)).mode & 0o777).toBe(0o600)
    expect(ensureSecrets(root)).toEqual(secrets)
  })

  it('that are rotated are new; the others and the user’s own lines stay', () => {
    const root = makeCheckout()
    const before = ensureSecrets(root)
    write(root, `# mine\n${readFileSync(join(root, file), 'utf8')}`)
    rotateSecrets(root, ['admin_password', 'nova_password'])
    const { admin_password, nova_password, ...others } = loadSecrets(root)
    expect(before).toMatchObject(others)
    expect(admin_password).toMatch(/^[A-Za-z0-9]{32}$/)
    expect([before.admin_password, before.nova_password]).not.toContain(admin_password)
    expect(nova_password).not.toBe(before.nova_password)
    expect(readFileSync(join(root, file), 'utf8')).toMatch(/^# mine\n/)
    expect(statSync(join(root, file)).mode & 0o777).toBe(0o600)
    rotateSecrets(root, secretNames)
    const all = loadSecrets(root)
    expect(secretNames.filter((name) => all[name] === before[name])).toEqual([])
  })

  it('missing from an older file are rotated too; without a file there is nothing to rotate', () => {
    const root = makeCheckout()
    expect(messageOf(() => rotateSecrets(root, ['admin_password']))).toContain(`${file}: no such file`)
    write(root, "nova_password: 'correct0horse'")
    rotateSecrets(root, ['nova_password', 'digest_key'])
    expect(readFileSync(join(root, file), 'utf8')).toMatch(/^nova_password: "\w{32}"\ndigest_key: "\w{32}"\n$/)
  })

  it('in lines of another format are not rotated', () => {
    const root = makeCheckout()
    const text = '{ nova_password: "correct0horse" }\n'
    write(root, text)
    expect(messageOf(() => rotateSecrets(root, ['nova_password']))).toContain('one such line for each secret')
    expect(readFileSync(join(root, file), 'utf8')).toBe(text)
  })

  it('of a preview are the same every time and are not written', () => {
    const root = makeCheckout()
    expect(loadSecrets(root)).toEqual(loadSecrets(makeCheckout()))
    expect(readdirSync(join(root, 'ansible-vars'))).not.toContain('secrets.yml')
  })
})

describe('a secrets file is refused', () => {
  const refusal = (root: string) => {
    const message = messageOf(() => ensureSecrets(root))
    expect(messageOf(() => loadSecrets(root))).toBe(message)
    return message
  }

  it('that others can read, with the command that fixes it', () => {
    const root = makeCheckout()
    write(root, 'admin_password: "correct0horse"\n', 0o644)
    expect(refusal(root)).toBe(
      `${file}: mode 0644: others may read or change it\n    expected: mode 0600\n    hint: chmod 600 ${file}`,
    )
  })

  it('that is a symbolic link', () => {
    const root = makeCheckout()
    symlinkSync('/dev/null', join(root, file))
    expect(refusal(root)).toContain(`${file}: a symbolic link`)
    rmSync(join(root, file))
    symlinkSync('/nowhere', join(root, file))
    expect(refusal(root)).toContain(`${file}: a symbolic link`)
  })

  it('that is a folder', () => {
    const root = makeCheckout()
    mkdirSync(join(root, file), { mode: 0o700 })
    expect(refusal(root)).toContain(`${file}: not a regular file`)
  })

  it.runIf(isRoot)('that belongs to another user', () => {
    const root = makeCheckout()
    write(root, 'admin_password: "correct0horse"\n')
    chownSync(join(root, file), 12345, 12345)
    expect(refusal(root)).toContain(`${file}: owned by uid 12345`)
  })

  it.each([
    ['a value that is too short', 'admin_password: "hunter2"', ':1:17: an invalid value for admin_password'],
    ['a value that a URL would need quoted', 'admin_password: "hunter2hunter@"', ':1:17: an invalid value'],
    ['a value that is a number', 'admin_password: 1234567890', ':1:17: an invalid value'],
    ['Jinja', 'admin_password: "{{ hunter2hunter2 }}"', ':1:18: not a line of the form name: "value"'],
    ['a line that is none', 'hunter2hunter2', ':1:1: not a line of the form name: "value"'],
    ['a name given twice', 'admin_password: "hunter2hunter2"\nadmin_password: "hunter2hunter2"', ':2:1: not a line'],
    ['a mistyped name', 'admin_pasword: "hunter2hunter2"', 'hint: did you mean admin_password?'],
    ['a name from elsewhere', 'swift_password: "hunter2hunter2"', 'an unknown name'],
  ])('with %s, and the value is not shown', (_title, text, expected) => {
    const root = makeCheckout()
    write(root, `${text}\n`)
    expect(refusal(root)).toContain(expected)
    expect(refusal(root)).not.toMatch(/hunter|1234567/)
    expect(readFileSync(join(root, file), 'utf8')).toBe(`${text}\n`)
  })
})
