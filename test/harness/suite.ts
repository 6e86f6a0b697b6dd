/** The vitest configuration of suites that use real labs or machines. */

import { defineConfig } from 'vitest/config'

/** One after the other, each as long as it takes; every test is told of as it ends. `bail`: the first failure ends it. */
export const labSuite = (name: string, hours: number, { bail = 0 } = {}) =>
  defineConfig({
    test: {
      include: [`test/${name}/**/*.test.ts`],
      fileParallelism: false,
      sequence: { concurrent: false },
      bail,
      testTimeout: hours * 3600_000,
      hookTimeout: 1800_000,
      reporters: ['verbose'],
    },
  })
