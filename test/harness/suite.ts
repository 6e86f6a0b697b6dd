/** The vitest configuration of suites that use real labs or machines. */

import { defineConfig } from 'vitest/config'

/** One test after the other, each reported as it ends. `bail`: the first failure ends the suite. */
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
