import { defineConfig } from 'vitest/config'

// One real lab for all parts, one after the other. A part that fails does not keep the others from being tried.
export default defineConfig({
  test: {
    include: ['test/faults/**/*.test.ts'],
    fileParallelism: false,
    sequence: { concurrent: false },
    testTimeout: 3600_000,
    hookTimeout: 1800_000,
    reporters: ['verbose'],
  },
})
