// Reading CSV: how lines are cut, whatever stands in them and however the bytes come.

import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { CsvError, type CsvLine, readCsv } from '../../src/core/csv.ts';

const columns = ['b', 'a'];
const limits = { columns, bytesMax: 1_000_000, linesMax: 1_000 };

/** The lines of a file that comes in pieces of so many bytes. */
async function read(file: string | Uint8Array, piece = 3, options = limits): Promise<CsvLine[]> {
  const bytes = Buffer.from(file as Uint8Array);
  const source = async function* () {
    for (let i = 0; i < bytes.byteLength; i += piece) yield bytes.subarray(i, i + piece);
  };
  const lines: CsvLine[] = [];
  for await (const some of readCsv(source(), options)) lines.push(...some);
  return lines;
}

const failureOf = (file: string | Uint8Array, options = limits) =>
  read(file, 3, options).then(
    () => null,
    (error: unknown) => (error instanceof CsvError ? error.failure : error),
  );

const shown = (lines: readonly CsvLine[]) =>
  lines.map(({ number, values, defect }) => [number, defect ?? values]);

test('values are those of the wanted columns, in any order, quoted or not, over several lines of the file', async () => {
  const file = 'a,x,b\r\n1,2,3\r\n"a ""quoted"", one",2,"two\nlines"\n5" nail,2,3\n\n7\r,8,9';
  for (const piece of [1, 5, 1_000]) {
    expect(shown(await read(file, piece))).toEqual([
      [2, ['3', '1']],
      [3, ['two\nlines', 'a "quoted", one']],
      [5, ['3', '5" nail']],
      [6, 'EMPTY'],
      [7, ['9', '7\r']],
    ]);
  }
});

test('a quote that nobody closes spoils its own line only', async () => {
  expect(shown(await read('a,b\n1,2\n3,"open\n5,6\n7,"open too\n9,10\n'))).toEqual([
    [2, ['2', '1']],
    [3, 'QUOTES'],
    [4, ['6', '5']],
    [5, 'QUOTES'],
    [6, ['10', '9']],
  ]);
});

test('a line that is too long is dropped without being kept in memory', async () => {
  const long = 'x'.repeat(200_000);
  const lines = await read(`a,b\n1,2\n3,${long}\n5,6\n`, 1_000);
  expect(shown(lines)).toEqual([
    [2, ['2', '1']],
    [3, 'TOO_LONG'],
    [4, ['6', '5']],
  ]);
  expect(lines[1]?.text).toHaveLength(200);
});

test('a file is cut the same way packed and in pieces of any size', async () => {
  const file = `a,b\n${Array.from({ length: 300 }, (_, i) => (i % 7 === 0 ? `${i},"open` : `${i},"one\nmore"`)).join('\n')}\n`;
  const whole = await read(file, 1_000_000);
  for (const bytes of [Buffer.from(file), gzipSync(file)])
    for (const piece of [1, 13, 4_096]) expect(await read(bytes, piece)).toEqual(whole);
});

test.each([
  ['nothing', '', 'EMPTY_FILE'],
  ['other columns', 'a,c\n1,2\n', 'WRONG_HEADER'],
  ['a column twice', 'a,b,a\n1,2,3\n', 'WRONG_HEADER'],
  ['something else', '{"orders": []}\n', 'WRONG_HEADER'],
  ['UTF-16', Buffer.from('\uFEFFa,b\n', 'utf16le'), 'NO_UTF8_TEXT'],
  ['zeros', Buffer.alloc(100), 'NO_UTF8_TEXT'],
  ['an end in the middle of a line', 'a,b\n1,2\n3', 'CUT_OFF'],
  ['an end within quotes', 'a,b\n1,2\n3,"RETRO', 'CUT_OFF'],
  ['too much', `a,b\n${'1,2\n'.repeat(300_000)}`, 'FILE_TOO_LARGE'],
  ['too many lines', `a,b\n${'\n'.repeat(2_000)}`, 'FILE_TOO_LARGE'],
  ['damage', gzipSync('a,b\n1,2\n').subarray(0, -4), 'DAMAGED_COMPRESSION'],
])('a file with %s is none', async (_, file, failure) => {
  expect(await failureOf(file)).toBe(failure);
});
