// Packages of others, installed from npm into folders of their own: they need another graphql than Dayshift does.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { project } from '../../setup/source.ts';

const packages = {
  postgraphile: ['postgraphile@5.1.5', 'pg@8.23.1'],
  vendure: ['@vendure/core@3.7.3', 'pg@8.23.1'],
} as const;

export type Other = keyof typeof packages;

export const folderOf = (other: Other): string => join(project, '.data/bench/others', other);

/** Install what is missing, without running any script of a package. */
export async function install(other: Other, say: (line: string) => void): Promise<void> {
  const folder = folderOf(other);
  const wanted = packages[other];
  const name = wanted[0].replace(/@[^@]+$/, '');
  if (existsSync(join(folder, 'node_modules', name))) return;
  say(`Installing ${wanted[0]} …`);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
  execFileSync('npm', ['install', '--ignore-scripts', '--save-exact', '--no-audit', '--no-fund', ...wanted], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** A module of one of them. They bring no types here. */
// biome-ignore lint/suspicious/noExplicitAny: the packages are no dependencies, so nothing is known of them
export async function importFrom(other: Other, specifier: string): Promise<any> {
  const { resolve } = createRequire(join(folderOf(other), 'package.json'));
  return import(pathToFileURL(resolve(specifier)).href);
}
