// The requirements of the project, and that each one marked met is carried by a test.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { project, readSources } from '../setup/source.ts';

interface Statement {
  code: string;
  state: 'met' | 'part' | 'open';
  text: string;
}

const states = { x: 'met', '~': 'part', ' ': 'open' } as const;
const folder = join(project, 'test/acceptance');

const statements: Statement[] = readdirSync(folder)
  .filter((file) => file.endsWith('.md'))
  .flatMap((file) => [
    ...readFileSync(join(folder, file), 'utf8').matchAll(/^- \[([x~ ])\] \*\*([CGOT]\d+)\*\* (.+)$/gm),
  ])
  .map(([, mark, code = '', text = '']) => ({ code, state: states[mark as keyof typeof states], text }));

/** Codes that titles of tests begin with: `test('C9 C12 …')`. */
const carried = new Set(
  readSources('test')
    .flatMap((file) => [
      ...file.code.matchAll(/\b(?:test|describe)(?:\.each\([\s\S]*?\])?\)?\(\s*['`]((?:[CGOT]\d+ )+)/g),
    ])
    .flatMap(([, codes = '']) => codes.trim().split(' ')),
);

test('no statement is lost: C1 to C60, G1 to G50, O1 to O60, T1 to T40, each once', () => {
  const numbers = (letter: string, count: number) =>
    Array.from({ length: count }, (_, i) => `${letter}${i + 1}`);
  const expected = [...numbers('C', 60), ...numbers('G', 50), ...numbers('O', 60), ...numbers('T', 40)];
  expect(statements.map(({ code }) => code).sort()).toEqual(expected.sort());
});

test('every statement that is marked met, also in part, is in the title of a test', () => {
  const unproven = statements.filter(({ code, state }) => state !== 'open' && !carried.has(code));
  expect(unproven.map(({ code }) => code)).toEqual([]);
});

test('a statement that a test carries is not marked open, and every code in a title exists', () => {
  const open = new Map(statements.map(({ code, state }) => [code, state]));
  expect([...carried].filter((code) => (open.get(code) ?? 'open') === 'open')).toEqual([]);
});

test('what is met in part says what is open', () => {
  const silent = statements.filter(
    ({ state, text }) => (state === 'part') !== /\*\(open: .+\)\*$/.test(text),
  );
  expect(silent).toEqual([]);
});
