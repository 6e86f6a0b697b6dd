import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { expectNoExercise } from '../../scripts/declaration/expect-no-exercise.ts'
import {
  expectExercise,
  expectRunning,
  type Running,
  readRunning,
  removeRunning,
  scoreOf,
  secondsOf,
  writeRunning,
} from '../../scripts/exercises/state.ts'
import { languageOf } from '../../scripts/exercises/texts.ts'
import { temporaryFolder } from '../fixtures/folder.ts'

const running: Running = {
  name: 'no-address',
  hidden: true,
  began: '2026-01-01T00:00:00.000Z',
  before: [null, { port: 'p' }],
  hints: 1,
  failedChecks: 0,
  shown: false,
}

function checkout(): string {
  const root = temporaryFolder()
  mkdirSync(join(root, '.lab'))
  return root
}

describe('the file of the running exercise', () => {
  test('has what was written, for its owner alone, and does not show what the exercise is', () => {
    const root = checkout()
    expect(readRunning(root)).toBeUndefined()
    writeRunning(root, running)
    expect(readRunning(root)).toEqual(running)
    expect(readdirSync(join(root, '.lab'))).toEqual(['exercise.json'])
    const file = join(root, '.lab/exercise.json')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readFileSync(file, 'utf8')).not.toMatch(/address|dhcp|neutron/)
    removeRunning(root)
    expect(existsSync(file)).toBe(false)
  })

  test('is refused if it is damaged or names no exercise', () => {
    const root = checkout()
    writeRunning(root, { ...running, name: 'no-such' })
    expect(() => readRunning(root)).toThrow('not what ./lab exercise start wrote')
    writeFileSync(join(root, '.lab/exercise.json'), '{"exercise": "half')
    expect(() => readRunning(root)).toThrow('rm .lab/exercise.json')
  })

  test('while it is there, up and others refuse to run, and say what to do', () => {
    const root = checkout()
    expect(() => expectNoExercise(root, 'up')).not.toThrow()
    expect(() => expectRunning(root)).toThrow('no exercise is running')
    writeRunning(root, running)
    expect(() => expectNoExercise(root, 'up')).toThrow('./lab exercise stop')
    expect(expectRunning(root).exercise.kind).toBe('repair')
  })
})

test('an unknown name gets the nearest one', () => {
  expect(expectExercise('no-address').kind).toBe('repair')
  expect(() => expectExercise('no-adress')).toThrow('did you mean no-address?')
  expect(() => expectExercise('constructor')).toThrow('./lab exercise list')
})

test('hints and failed checks cost points, a solution costs all', () => {
  const score = (hints: number, failedChecks: number, shown = false) => scoreOf({ hints, failedChecks, shown })
  expect([score(0, 0), score(1, 0), score(3, 2), score(3, 99), score(0, 0, true)]).toEqual([100, 90, 30, 0, 0])
})

test('the time ends when the check passed', () => {
  expect(secondsOf({ began: running.began }, Date.parse('2026-01-01T00:00:07Z'))).toBe(7)
  expect(secondsOf({ began: running.began, solved: '2026-01-01T00:01:00Z' })).toBe(60)
})

test('the language is that of the shell', () => {
  expect([languageOf({ LANG: 'ko_KR.UTF-8' }), languageOf({ LANG: 'ko_KR.UTF-8', LC_ALL: 'C' })]).toEqual(['ko', 'en'])
  expect(languageOf({})).toBe('en')
})
