// The source files as the guards read them: paths, lines, imports, SQL.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, resolve } from 'node:path';

export const project = resolve(import.meta.dirname, '../..');

export interface Import {
  /** Path within the project, or the package's name. */
  target: string;
  /** True when only types come, which vanish at run time. */
  typeOnly: boolean;
  dynamic: boolean;
}

export interface SourceFile {
  /** Path within the project: `src/orders/rules.ts`. */
  path: string;
  text: string;
  /** The text without comments. */
  code: string;
  lines: number;
  imports: readonly Import[];
}

/** Every TypeScript file below the folders; generated ones apart. */
export function readSources(...folders: string[]): SourceFile[] {
  return folders.flatMap((folder) =>
    readdirSync(join(project, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => posixPath(relative(project, join(entry.parentPath, entry.name))))
      .filter((path) => !path.startsWith('src/generated/'))
      .map(readSource),
  );
}

function readSource(path: string): SourceFile {
  const text = readFileSync(join(project, path), 'utf8');
  const code = withoutComments(text);
  return { path, text, code, lines: text.trimEnd().split('\n').length, imports: importsOf(path, code) };
}

const posixPath = (path: string): string => path.replaceAll('\\', '/');

const withoutComments = (text: string): string =>
  text.replace(/(^|\s)\/\*[\s\S]*?\*\//g, '$1').replace(/(^|\s)\/\/.*$/gm, '$1');

const STATIC = /^\s*(import|export)\s+(?:(type\s)?\s*([^;'"]*?)\s*from\s+)?'([^']+)'/gm;
const DYNAMIC = /\bimport\(\s*[`']([^`']+)[`']\s*\)/g;

function importsOf(path: string, code: string): Import[] {
  const found: Import[] = [];
  for (const [, , type, names = '', specifier = ''] of code.matchAll(STATIC)) {
    found.push({
      target: targetOf(path, specifier),
      typeOnly: Boolean(type) || onlyTypes(names),
      dynamic: false,
    });
  }
  for (const [, specifier = ''] of code.matchAll(DYNAMIC)) {
    found.push({ target: targetOf(path, specifier), typeOnly: false, dynamic: true });
  }
  return found;
}

/** True for `{ type A, type B }`. */
function onlyTypes(names: string): boolean {
  const listed =
    /^\{([\s\S]*)\}$/
      .exec(names.trim())?.[1]
      ?.split(',')
      .filter((name) => name.trim() !== '') ?? [];
  return listed.length > 0 && listed.every((name) => name.trim().startsWith('type '));
}

const targetOf = (path: string, specifier: string): string =>
  specifier.startsWith('.') ? posix.normalize(posix.join(posixPath(dirname(path)), specifier)) : specifier;

/** The fixed parts of all template literals: where SQL stands. */
export const templatesOf = ({ code }: SourceFile): string[] =>
  [...code.matchAll(/`((?:[^`\\]|\\.)*)`/g)].map(([, body = '']) => body.replace(/\$\{[^}]*\}/g, '$'));

/** Model name → the `.prisma` file that declares it, and its table, both without folder and ending. */
export function readModels(): Map<string, { owner: string; table: string }> {
  const models = new Map<string, { owner: string; table: string }>();
  for (const name of readdirSync(join(project, 'prisma/schema'))) {
    const text = readFileSync(join(project, 'prisma/schema', name), 'utf8');
    for (const [, model = '', body = ''] of text.matchAll(/^model (\w+) \{([\s\S]*?)^\}/gm)) {
      const table = /@@map\("(\w+)"\)/.exec(body)?.[1] ?? model;
      models.set(model, { owner: name.replace('.prisma', ''), table });
    }
  }
  return models;
}
