import { defineConfig } from 'vitest/config'

// One machine after the other. A case that fails does not keep the others from being tried.
export default defineConfig({
  test: {
    include: ['test/hosts/**/*.test.ts'],
    fileParallelism: false,
    sequence: { concurrent: false },
    testTimeout: 4 * 3600_000,
    hookTimeout: 1800_000,
    reporters: ['verbose'],
  },
})
