/** docs/learn/exercises.md: how exercises work, and a table of all of them. */

import type { Exercise } from './exercise.ts'
import { failedCheckCost, hintCosts } from './state.ts'
import { exercises } from './table/index.ts'

const row = ([name, { kind, level, texts, korean, needs = [], onlyOn }]: [string, Exercise]) => {
  const notes = [
    ...needs.map((service) => `\`lab_services.${service}\``),
    ...(onlyOn ? [`only on ${onlyOn}`] : []),
    ...(kind === 'build' ? ['nothing is broken'] : []),
    ...(korean ? ['also in Korean'] : []),
  ]
  return `| \`${name}\` | ${level} | ${texts.title} | ${notes.join(', ')} |`
}

/** The page regenerates with the exercises. The causes are not on it. */
export const renderExercisesPage = (): string =>
  `# Exercises

Generated from \`scripts/exercises/\`: \`npx vitest run test/exercises/page.test.ts -u\` regenerates it.

\`./lab exercise\` gives you problems to solve on your own lab. An exercise breaks something and tells you what a user would notice, or asks you to build something. You find the cause with the same tools as on any cloud, and repair it in whatever way you like. At the end everything is as it was before.

\`\`\`sh
./lab exercise list              # all exercises
./lab exercise start no-address  # breaks something, and says what a user would notice
./lab exercise check             # looks at the cloud: is it repaired?
./lab exercise hint              # one of three hints
./lab exercise solve             # shows a solution, and runs it
./lab exercise stop              # puts everything back
\`\`\`

The exercises need a healthy lab. All of them were tried on container nodes, most also on emulated virtual machines, where a check that creates a server takes two minutes. They never change this machine, its clock or its kernel. Good preparation: the [lessons](README.md).

## The exercises

| name | level | what it is about | needs, notes |
| --- | --- | --- | --- |
${Object.entries(exercises).map(row).join('\n')}

Level 1 is for a first time, level 3 for those who know how the services work together. A name says what a user sees, never the cause.

## How it is checked

\`check\` does what a user would do: it launches a server and pings it, uploads an image, makes a volume, signs in to the dashboard. It never looks at how you repaired it, so another way than ours counts as well. What it makes in the cloud is removed at once. A repair may need up to a minute until all services have noticed it: just check again.

The exit code of \`check\` is 0 if the exercise is solved, otherwise 1.

## Score

You begin with 100 points. The hints cost ${hintCosts.join(', ')} points, a check that fails costs ${failedCheckCost}. \`solve\` leaves no points. The time runs from the end of \`start\` until the check passes. \`--json\` prints score and time as a [document](../reference/json/README.md):

\`\`\`sh
./lab exercise check --json
\`\`\`

## What stop puts back

Before \`start\` changes anything, it writes down what was there: in \`.lab/exercise.json\` (only you can read it), and files of a node on that node. \`stop\` restores this, whatever you did in the meantime, also if \`start\`, \`check\` or \`solve\` was killed. Then it waits until the lab is healthy, and \`./lab up\` finds nothing to do. If \`stop\` itself fails or is killed, run it again.

For an exercise that asks you to build something, \`stop\` removes what has the names that the task gives, and with a project everything in it. \`start\` refuses to begin if something already has one of these names. Your other objects stay. So does what you made to repair a fault (a security group rule, for example).

## While an exercise runs

\`./lab up\`, \`npx cdktf deploy\`, \`./lab secrets rotate\` and \`./lab doctor --fix\` refuse to run: they would repair what is meant to be broken, and the next \`stop\` would not know it. \`./lab exercise stop\` comes first. All commands that only look are allowed. \`./lab doctor\` finds most of the causes at once: try it last. \`./lab down\` and \`./lab up --rebuild\` remove the lab and the exercise with it.

## For somebody else

\`./lab exercise start NAME --hidden\` does not show the name again, so that somebody else can look for the cause on your terminal. \`start --hidden\` without a name chooses one and does not tell you which. Commands, files and processes do not give the cause away, but nothing is encrypted: whoever wants to look it up can do so.

The tasks are in English. The first five are also in Korean: with \`--lang ko\`, or if your shell's language is Korean (\`LANG=ko_KR.UTF-8\`).
`
