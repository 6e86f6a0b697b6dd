import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const program = `
process.umask(0o077)
const { ensureNamespace } = await import(${JSON.stringify(join(root, 'scripts/host/namespace.ts'))})
await ensureNamespace({ id: 'f00dcafe' })
`
/** On a machine that never had a namespace with a name: /run is empty, for this process tree alone. */
const script = `
mount -t tmpfs tmpfs /run && "$@" && stat -c '%a %n' /run/netns && ls /run/netns && ip -n duostack-f00dcafe -br link
`

test.runIf(process.getuid?.() === 0)('every user may look into the folder of the namespaces that we made', async () => {
  const node = [process.execPath, '--import', 'tsx', '--input-type=module', '-e', program]
  const { stdout } = await execa('unshare', ['--mount', 'bash', '-ec', script, 'bash', ...node], { cwd: root })
  expect(stdout).toMatch(/^755 \/run\/netns\nduostack-f00dcafe\nlo +UNKNOWN/)
})
