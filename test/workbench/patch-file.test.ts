import { expect, test } from 'vitest'
import { parsePatch } from '../../scripts/workbench/patch-file.ts'

const hunk = ['@@ -1,2 +1,2 @@', ' import os', '-old = 1', '+new = 2']
const diff = (path: string, lines: readonly string[] = hunk) => [`--- a/${path}`, `+++ b/${path}`, ...lines].join('\n')
const parse = (...parts: string[]) => parsePatch(`${parts.join('\n')}\n`, ['nova'])

test('a patch as git format-patch writes it becomes its headers and hunks', () => {
  const { text, files, leftOut } = parse(
    'From 1234 Mon Sep 17 00:00:00 2001',
    'Subject: [PATCH] Fix it',
    '',
    '--- is also in a message',
    '---',
    ' nova/scheduler/manager.py | 2 +-',
    'diff --git a/nova/scheduler/manager.py b/nova/scheduler/manager.py',
    'index 1..2 100644',
    diff('nova/scheduler/manager.py', ['@@ -1,2 +1,2 @@ class A:', ...hunk.slice(1), '\\ No newline at end of file']),
    '-- ',
    '2.39.2',
  )
  expect(files).toEqual(['nova/scheduler/manager.py'])
  expect(leftOut).toEqual([])
  expect(text.split('\n')).toEqual([
    '--- a/nova/scheduler/manager.py',
    '+++ b/nova/scheduler/manager.py',
    '@@ -1,2 +1,2 @@ class A:',
    ...hunk.slice(1),
    '\\ No newline at end of file',
    '',
  ])
})

test('new and removed files keep their sign, and removed lines may look like headers', () => {
  const { text, files } = parse(
    '--- /dev/null\n+++ b/nova/new.py\n@@ -0,0 +1 @@\n+x = 1',
    '--- a/nova/old.py\n+++ /dev/null\n@@ -1,2 +0,0 @@\n--- a\n-+++ b',
  )
  expect(files).toEqual(['nova/new.py', 'nova/old.py'])
  expect(text).toContain('--- /dev/null\n+++ b/nova/new.py')
  expect(text).toContain('--- a/nova/old.py\n+++ /dev/null')
})

test('what nodes do not have is left out and named', () => {
  const parts = [diff('nova/rpc.py'), diff('nova/tests/unit/test_rpc.py'), diff('releasenotes/notes/a.yaml')]
  const { text, files, leftOut } = parse(...parts)
  expect(files).toEqual(['nova/rpc.py'])
  expect(leftOut).toEqual(['nova/tests/unit/test_rpc.py', 'releasenotes/notes/a.yaml'])
  expect(text).not.toContain('releasenotes')
})

test.each([
  ['another package', diff('oslo_messaging/rpc.py'), /oslo_messaging\/rpc\.py, which is not in nova/],
  ['a package whose name only begins like it', diff('novaclient/shell.py'), /not in nova/],
  ['a path upwards', diff('nova/../../../../etc/passwd'), /is not a\/FOLDER\/FILE/],
  ['an absolute path', '--- /etc/passwd\n+++ /etc/passwd\n@@ -1 +1 @@\n-a\n+b', /not in nova/],
  ['an absolute path with two slashes', '--- a//etc/passwd\n+++ b//etc/passwd\n@@ -1 +1 @@\n-a\n+b', /is not a\//],
  ['a quoted name', '--- "a/nova/\\303.py"\n+++ "b/nova/\\303.py"\n@@ -1 +1 @@\n-a\n+b', /is not a\//],
  ['two names', `--- a/nova/a.py\n+++ b/nova/b.py\n${hunk.join('\n')}`, /cannot be renamed/],
  ['a rename', 'diff --git a/nova/a.py b/nova/b.py\nrename from nova/a.py\nrename to nova/b.py', /renamed or copied/],
  ['a link', `new file mode 120000\n--- /dev/null\n+++ b/nova/a.py\n@@ -0,0 +1 @@\n+/etc/passwd`, /symbolic link/],
  ['a binary file', 'GIT binary patch\nliteral 3', /binary/],
  ['an ed script', '--- a/nova/a.py\n+++ b/nova/a.py\n1,2d\n!id', /ed script|no hunk/],
  ['an ed script alone', '2c\nx\n.\n', /ed script/],
  ['a context diff', '*** nova/a.py 2026-01-01\n--- nova/a.py 2026-01-01\n***************', /context diff/],
  ['a hunk that is cut off', diff('nova/a.py', hunk.slice(0, 2)), /cut off/],
  [
    'a hunk with other lines than it says',
    diff('nova/a.py', ['@@ -1,3 +1 @@', ' a', '+b', '-c']),
    /cut off|other lines/,
  ],
  ['only tests', diff('nova/tests/unit/a.py'), /documentation or tests/],
  ['nothing', 'hello', /no unified diff/],
])('refused: %s', (_, text, why) => {
  expect(() => parse(text)).toThrow(why)
})

test('whatever stands between the parts does not go on', () => {
  const { text } = parse('Index: ../../../etc/passwd', diff('nova/rpc.py'), 'Prereq: x', diff('nova/api.py'))
  expect(text).not.toMatch(/passwd|Prereq/)
})
