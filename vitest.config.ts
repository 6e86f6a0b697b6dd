import { defineConfig } from 'vitest/config'

// The end-to-end tests build a real lab and are run by `./lab test e2e` alone.
export default defineConfig({
  test: { include: ['test/**/*.test.ts'], exclude: ['test/e2e/**', 'node_modules/**'], testTimeout: 20_000 },
})
