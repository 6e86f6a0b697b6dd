import { defineConfig } from 'vitest/config'

// These build real labs and are run by `./lab test e2e`, `./lab test faults` and `./lab test hosts` alone.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**', 'test/faults/**', 'test/hosts/**', 'node_modules/**'],
    // A snapshot that is missing is a failure here as on a CI machine; -u writes it.
    update: 'none',
    globalSetup: 'test/own-tmp.ts',
    // A deadline for what hangs; on a busy machine a test takes ten times what it takes alone.
    testTimeout: 60_000,
    // Many tests wait for a process, few for the processor; on two cores the default would be one worker.
    maxWorkers: 4,
    // Files share a worker's modules: to load them anew for each costs as much as all that is tested with them. So what
    // a test sets in its process, it sets back.
    isolate: false,
  },
})
