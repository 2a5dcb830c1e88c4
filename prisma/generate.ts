// Generates src/generated (Prisma client and Pothos types) from the schema. Needs no network; says nothing unless it fails.

import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';

const project = dirname(import.meta.dirname);
const packageFolder = dirname(createRequire(import.meta.url).resolve('prisma/package.json'));
const command = [join(packageFolder, 'build/index.js'), 'generate', '--config', 'prisma/prisma.config.ts'];

// Prisma looks for its native schema engine, and downloads it when there is none, although generating never
// runs it: any existing file will do.
const environment = {
  PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
  ...process.env,
  PRISMA_HIDE_UPDATE_MESSAGE: '1',
  CHECKPOINT_DISABLE: '1',
  PATH: [join(project, 'node_modules/.bin'), dirname(process.execPath), process.env.PATH].join(delimiter),
};

const result = spawnSync(process.execPath, command, { cwd: project, env: environment, encoding: 'utf8' });
if (result.status !== 0) {
  process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}\n`);
  process.exit(1);
}
