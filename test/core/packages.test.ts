// The packages that must be of one version.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { project } from '../setup/source.ts';

test('G1 the packages of Prisma are pinned to one exact version, and that one is installed', () => {
  const manifest = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const names = ['prisma', '@prisma/client', '@prisma/adapter-pg', '@prisma/driver-adapter-utils'];
  const wanted = names.map((name) => manifest.dependencies[name]);
  expect(new Set(wanted).size).toBe(1);
  expect(wanted[0]).toMatch(/^\d+\.\d+\.\d+$/);
  const installed = names.map(
    (name) => JSON.parse(readFileSync(join(project, 'node_modules', name, 'package.json'), 'utf8')).version,
  );
  expect(installed).toEqual(wanted);
  const engine = manifest.dependencies['@prisma/schema-engine-wasm'] ?? '';
  expect(engine.startsWith(`${wanted[0]}-`)).toBe(true);
});
