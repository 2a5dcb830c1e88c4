// How the tests run: one PostgreSQL for the run, one process and one database for each file.

import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: resolve(import.meta.dirname, '..'),
  // As Node itself resolves: otherwise there would be two copies of graphql, its ESM and its CommonJS one.
  ssr: { resolve: { conditions: ['node', 'module-sync'], externalConditions: ['node', 'module-sync'] } },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/setup/global.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    watch: false,
    // Transformed sources are kept on disk: each file of tests has a process of its own, and they load the same ones.
    fsModuleCache: true,
  },
});
