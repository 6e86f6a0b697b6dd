/** `./lab class create | list | reset | remove`: projects, users, quotas and credential sheets for students. */

import { defineCommand } from 'citty'
import { createClass, type ListedStudent, listClass, removeStudents, resetStudent } from '../class/class.ts'
import { readRoster } from '../class/roster.ts'
import { shownSheet } from '../class/sheet.ts'
import { showClass } from '../class/text.ts'
import { UsageError } from '../declaration/errors.ts'
import { exitCode } from '../declaration/exit-codes.ts'
import type { Lab } from '../declaration/lab.ts'
import { confirm } from '../host/removal.ts'
import { withLock } from '../run/lock.ts'
import { terminalProgress } from '../run/progress.ts'
import { printScreen } from '../terminal/screen.ts'
import { checkout } from './checkout.ts'
import { expectStudents } from './class-arguments.ts'
import { classDocument } from './documents/class.ts'
import { jsonOption, printDocument } from './documents/document.ts'
import { loadRunningLab } from './running-lab.ts'

const actions = ['create', 'list', 'reset', 'remove'] as const
type Action = (typeof actions)[number]

interface Asked {
  student?: string | undefined
  students?: string | undefined
  csv?: string | undefined
  yes: boolean
}

/** What a command has to say; `students`: the class afterwards. Undefined: it was canceled. */
interface Answer {
  text: string
  students: readonly ListedStudent[]
}

const usage = (given: string, allowed: string) =>
  new UsageError([{ where: './lab class', given, allowed, remedy: './lab class --help' }])

function readWanted({ students, csv }: Asked) {
  const names = csv === undefined ? [] : readRoster(csv)
  const count = students === undefined ? names.length : expectStudents(students)
  if (students === undefined && csv === undefined) throw usage('create without students', '--students N or --csv FILE')
  if (names.length > count) throw usage(`--students ${count} and ${names.length} names in ${csv}`, 'at least as many')
  return { count, names }
}

async function create(lab: Lab, asked: Asked): Promise<Answer> {
  const students = await createClass(lab, readWanted(asked), terminalProgress())
  const text = `${showClass(students)}\n\nEach student's credentials: ${shownSheet({ login: 'sNN' })}; only you can read them, so hand each out alone`
  return { students, text }
}

async function list(lab: Lab): Promise<Answer> {
  const students = await listClass(lab)
  return { students, text: showClass(students) }
}

async function reset(lab: Lab, { student, yes }: Asked): Promise<Answer | undefined> {
  if (student === undefined) throw usage('reset without a student', 'a student: s01 to s99')
  const question = `Remove everything that ${student} has, and begin again?`
  if (!yes && !(await confirm(question, `./lab class reset ${student}`))) return undefined
  const students = await resetStudent(lab, student, terminalProgress())
  return { students, text: `${student} is as in the beginning; the credentials stay the same` }
}

async function remove(lab: Lab, { student, yes }: Asked): Promise<Answer | undefined> {
  const question = student ? `Remove ${student} with everything in the project?` : 'Remove all students and their work?'
  if (!yes && !(await confirm(question, './lab class remove'))) return undefined
  const removed = await removeStudents(lab, student, terminalProgress())
  const text = removed.length > 0 ? `Removed: ${removed.map(({ login }) => login).join(', ')}` : 'There is no class'
  return { students: await listClass(lab), text }
}

const work: Readonly<Record<Action, (lab: Lab, asked: Asked) => Promise<Answer | undefined>>> = {
  create,
  list,
  reset,
  remove,
}

const describe = (lab: Lab, action: Action, students: readonly ListedStudent[]) => ({
  action,
  networking: lab.networking,
  students: students.map(({ login, name, complete, use }) => ({
    ...{ student: login, name: name ?? null, complete, use },
    sheet: complete ? shownSheet({ login }) : null,
  })),
})

export default defineCommand({
  meta: {
    name: 'class',
    description:
      'A class on this lab: for each student a project, a user with the role member in it alone, quotas that share what the lab has, with lab_networking: self-service a network behind a router, and a credential sheet. create continues what a killed run began; reset makes everything of one student anew; remove removes the class, or one student, with all that they own.',
  },
  args: {
    action: { type: 'positional', required: true, description: actions.join(', ') },
    student: { type: 'positional', required: false, description: 'of reset and remove: s01, s02, …' },
    students: { type: 'string', valueHint: 'n', description: 'create: how many; default: as many as in the CSV file' },
    csv: { type: 'string', valueHint: 'file', description: 'create: their names, in the column "name" of a CSV file' },
    yes: { type: 'boolean', description: 'reset, remove: do not ask' },
    json: { type: 'boolean', description: jsonOption },
  },
  async run({ args }) {
    const lab = loadRunningLab(checkout)
    const action = args.action as Action
    const asked = { student: args.student, students: args.students, csv: args.csv, yes: args.yes ?? false }
    const run = () => work[action](lab, asked)
    const answer = await (action === 'list' ? run() : withLock(checkout, run))
    process.exitCode = exitCode(answer?.students.every(({ complete }) => complete) ? 'ok' : 'failed')
    if (!answer) return printScreen('class: canceled, nothing was changed')
    if (args.json) printDocument(classDocument, describe(lab, action, answer.students))
    else printScreen(answer.text)
  },
})
