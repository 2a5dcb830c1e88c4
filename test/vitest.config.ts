// How the tests run: one PostgreSQL for the run, one database for each file, two processes that share the files.

import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: resolve(import.meta.dirname, '..'),
  // As Node itself resolves: otherwise there would be two copies of graphql, its ESM and its CommonJS one.
  ssr: { resolve: { conditions: ['node', 'module-sync'], externalConditions: ['node', 'module-sync'] } },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/setup/global.ts'],
    setupFiles: ['test/setup/after-file.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // Files of one process share what they import: importing it all costs more than most files' tests. What a file
    // changes in it, it puts back.
    isolate: false,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 15_000 } },
    watch: false,
    // Transformed sources are kept on disk for the other process and the next run.
    fsModuleCache: true,
  },
});
