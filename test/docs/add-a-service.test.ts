import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript'
import { expect, test } from 'vitest'
import { filesOn, type Service, type ServiceDefinition } from '../../scripts/engine/service.ts'
import { fixtureLab, fixtureSecrets } from '../fixtures/lab.ts'

const root = resolve(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/dev/add-a-service.md'), 'utf8')

/** The page's service. It imports only types, so it can be loaded from its text. */
async function readService(): Promise<Service> {
  const text = /^```ts\n(.*?)^```/ms.exec(page)![1]!
  const compilerOptions = { module: ModuleKind.ESNext, target: ScriptTarget.ES2022 }
  const { outputText } = transpileModule(text, { compilerOptions })
  const { metrics } = (await import(`data:text/javascript,${encodeURIComponent(outputText)}`)) as {
    metrics: ServiceDefinition
  }
  return metrics(fixtureLab('lxc'), fixtureSecrets)
}

test('the service of the page is one', async () => {
  const service = await readService()
  expect(service).toMatchObject({ name: 'metrics', needs: ['base'] })
  const [part] = service.parts
  expect(filesOn(part!, 'compute1').map(({ content }) => content)).toEqual([
    'ARGS="--web.listen-address=10.0.0.31:9100"\n',
  ])
  expect(service.ready).toHaveLength(2)
})

test('every place that the page names is there', () => {
  const places = [...page.matchAll(/`((?:scripts|test)\/[\w./-]+)`(?:, | \| | \()?/g)].map(([, place]) => place!)
  // What the reader is to make.
  const made = ['scripts/services/metrics.ts', 'test/services/golden/metrics/']
  const missing = places.filter((place) => !made.includes(place)).filter((place) => !existsSync(join(root, place)))
  expect(places.length).toBeGreaterThan(5)
  expect(missing).toEqual([])
})

test('every name that the page gives to a place stands in it', () => {
  const named = [['serviceProfiles', 'scripts/declaration/service-profiles.ts']] as const
  for (const [name, file] of named) {
    expect(page).toContain(`\`${name}\``)
    expect(readFileSync(join(root, file), 'utf8'), file).toContain(name)
  }
})
