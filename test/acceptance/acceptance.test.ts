// The project's own requirements: each statement that is marked as met, wholly or in part, has a test that names it.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readSources } from '../setup/source.ts';

/** How many statements each list has; they are numbered from 1. */
const lists = {
  commerce: ['C', 60],
  operations: ['O', 60],
  engineering: ['G', 50],
  trade: ['T', 40],
} as const;

interface Statement {
  code: string;
  state: string;
  text: string;
}

const statementsOf = (list: string): Statement[] => {
  const text = readFileSync(join(import.meta.dirname, `${list}.md`), 'utf8');
  return [...text.matchAll(/^- \[(.)\] \*\*([A-Z]\d+)\*\* (.+)$/gm)].map(
    ([, state = '', code = '', words = '']) => ({
      code,
      state,
      text: words,
    }),
  );
};

const statements = Object.keys(lists).flatMap(statementsOf);

/** Code → titles of tests that name it: `test('C9 C12 …`, `describe('G35 …`, also behind a table of cases. */
function titlesByCode(): Map<string, string[]> {
  const titles = new Map<string, string[]>();
  for (const { path, code } of readSources('test')) {
    if (!/\.(test|browser|proof)\.ts$/.test(path)) continue;
    for (const [, , codes = '', rest = ''] of code.matchAll(/\(\s*(['"`])((?:[A-Z]\d{1,2} )+)([^\n]*)\1,/g)) {
      for (const named of codes.trim().split(' ')) titles.set(named, [...(titles.get(named) ?? []), rest]);
    }
  }
  return titles;
}

const titles = titlesByCode();

describe('acceptance', () => {
  test.each(Object.entries(lists))(
    'no statement of %s is lost, doubled or out of order',
    (list, [letter, count]) => {
      const expected = Array.from({ length: count }, (_, i) => `${letter}${i + 1}`);
      const present = statementsOf(list).map(({ code }) => code);
      expect(present.toSorted((a, b) => Number(a.slice(1)) - Number(b.slice(1)))).toEqual(expected);
    },
  );

  test('every mark is one of the three, and what is met in part says what is open', () => {
    expect(statements.filter(({ state }) => !' x~'.includes(state))).toEqual([]);
    const silent = statements.filter(({ state, text }) => state === '~' && !/ \(open: [^)]+\)$/.test(text));
    expect(silent.map(({ code }) => code)).toEqual([]);
    const talking = statements.filter(({ state, text }) => state !== '~' && / \(open: [^)]+\)$/.test(text));
    expect(talking.map(({ code }) => code)).toEqual([]);
  });

  test('every statement that is marked as met, wholly or in part, has a test that names it', () => {
    const unproved = statements.filter(({ state, code }) => state !== ' ' && !titles.has(code));
    expect(unproved.map(({ code }) => code)).toEqual([]);
    expect(titles.size).toBeGreaterThan(30);
  });

  test('every code that a test names is a statement', () => {
    const known = new Set(statements.map(({ code }) => code));
    expect([...titles.keys()].filter((code) => !known.has(code))).toEqual([]);
  });
});
