import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { commands } from '../../scripts/lab/commands.ts'
import { missingLines, readLesson } from './lesson.ts'

const folder = resolve(import.meta.dirname, '../../docs/learn')
const read = (name: string) => readFileSync(resolve(folder, name), 'utf8')
const lessons = readdirSync(folder).filter((name) => /^\d/.test(name))

describe('the lessons', () => {
  test.each(lessons)('%s: every command has its expected output, and is a command of ./lab', (name) => {
    const exercises = readLesson(read(name))
    expect(exercises.length).toBeGreaterThan(2)
    for (const { command } of exercises) {
      const [lab, word = ''] = command.split(' ')
      expect(lab).toBe('./lab')
      expect(Object.keys(commands)).toContain(word)
    }
  })

  test('the Korean one has the same commands and outputs as the English one', () => {
    const [english, korean] = ['1-services.md', '1-services.ko.md'].map((name) => readLesson(read(name)))
    const plain = (list: typeof english) => list?.map(({ command, expected }) => ({ command, expected }))
    expect(plain(korean)).toEqual(plain(english))
    expect(read('1-services.ko.md').match(/[가-힣]/g)!.length).toBeGreaterThan(500)
  })

  test.each([...lessons, 'README.md'])('%s: every link leads somewhere', (name) => {
    const links = [...read(name).matchAll(/\]\(([^)#]+)\)/g)].map(([, link = '']) => link)
    for (const link of links) expect(existsSync(resolve(dirname(resolve(folder, name)), link)), link).toBe(true)
  })
})

describe('reading a lesson', () => {
  test('a command without its output is refused', () => {
    expect(() => readLesson('```sh\n./lab status\n```\n\nand so on\n')).toThrow('line 1: nothing says')
  })

  test('an output is missing if no line matches; … matches anything, spaces match spaces', () => {
    const exercise = { expected: ['vdb …', 'qdhcp-…', 'a (b)'] }
    expect(missingLines(exercise, ' vdb      /dev/x\nqdhcp-12\n a   (b)\n')).toEqual([])
    expect(missingLines(exercise, 'vda /dev/x')).toEqual(exercise.expected)
  })
})
