import { defineConfig } from 'vitest/config'

// One real lab after the other, each test a step of its life: order matters, the first failure ends the file.
export default defineConfig({
  test: {
    include: ['test/e2e/**/*.test.ts'],
    fileParallelism: false,
    sequence: { concurrent: false },
    bail: 1,
    testTimeout: 4 * 3600_000,
    hookTimeout: 600_000,
    reporters: ['verbose'],
  },
})
