// Lines of a CSV file, read as a stream: plain or gzipped, in bounded memory, every broken line told by its number.

import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse/sync';

/** Longest line in bytes. */
const CSV_LINE_BYTES_MAX = 64 * 1024;

/** What is wrong with a line before anybody asks what it says. */
export type CsvDefect = 'EMPTY' | 'TOO_LONG' | 'NOT_UTF8' | 'CONTROL_CHARACTERS' | 'QUOTES' | 'COLUMNS';

/** One line, which may go over several of the file where a quoted value has line breaks. */
export interface CsvLine {
  /** Number of the line in the file where it begins; the header is line 1. */
  number: number;
  /** The values of the wanted columns, in their order; null where the line is broken. */
  values: readonly string[] | null;
  defect: CsvDefect | null;
  /** The line as it stands there, its beginning where it is too long. */
  text: string;
}

/** Why a file as a whole cannot be read. */
export type CsvFailure =
  | 'EMPTY_FILE'
  | 'NO_UTF8_TEXT'
  | 'WRONG_HEADER'
  | 'DAMAGED_COMPRESSION'
  | 'FILE_TOO_LARGE'
  | 'CUT_OFF';

/** A file that cannot be read. `detail` names what shows it, in no language. */
export class CsvError extends Error {
  override readonly name = 'CsvError';
  readonly failure: CsvFailure;
  readonly detail: string | null;

  constructor(failure: CsvFailure, detail: string | null = null) {
    super(detail ? `${failure}: ${detail}` : failure);
    this.failure = failure;
    this.detail = detail;
  }
}

interface CsvOptions {
  /** Names that the header must have, in any order and beside others. */
  columns: readonly string[];
  /** Most bytes of the file after decompression. */
  bytesMax: number;
  /** Most lines after the header. */
  linesMax: number;
}

/**
 * The lines after the header, in the order of the file, as many at a time as came with a piece of it. Ends with a
 * CsvError where the file is no such CSV: at its beginning, but for what only its end shows (DAMAGED_COMPRESSION,
 * FILE_TOO_LARGE, CUT_OFF). Lines are cut the same way however often a file is read.
 */
export async function* readCsv(
  source: AsyncIterable<Uint8Array>,
  { columns, bytesMax, linesMax }: CsvOptions,
): AsyncGenerator<CsvLine[]> {
  const cutter = makeCutter(columns);
  let bytesRead = 0;
  let linesRead = 0;
  for await (const bytes of unpacked(source)) {
    if (bytesRead === 0) refuseOtherEncodings(bytes);
    bytesRead += bytes.byteLength;
    if (bytesRead > bytesMax) throw new CsvError('FILE_TOO_LARGE', String(bytesMax));
    const lines = cutter.cut(bytes);
    linesRead += lines.length;
    if (linesRead > linesMax) throw new CsvError('FILE_TOO_LARGE', String(linesMax));
    if (lines.length > 0) yield lines;
  }
  if (bytesRead === 0) throw new CsvError('EMPTY_FILE');
  const lines = cutter.end();
  const last = lines.at(-1);
  if (last?.defect === 'QUOTES' || last?.defect === 'COLUMNS')
    throw new CsvError('CUT_OFF', String(last.number));
  if (lines.length > 0) yield lines;
}

const GZIP = [0x1f, 0x8b];

/** The bytes of a file, decompressed where it is gzip, whatever it is called. */
async function* unpacked(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const input = source[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  while (head.byteLength < GZIP.length) {
    const { value, done } = await input.next();
    if (done) break;
    head = Buffer.concat([head, value]);
  }
  const whole = async function* () {
    try {
      if (head.byteLength > 0) yield head;
      for (;;) {
        const { value, done } = await input.next();
        if (done) return;
        yield Buffer.from(value.buffer, value.byteOffset, value.byteLength);
      }
    } finally {
      await input.return?.();
    }
  };
  if (!GZIP.every((byte, i) => head[i] === byte)) return yield* whole();
  const gunzip = createGunzip();
  const packed = Readable.from(whole());
  packed.on('error', (error) => gunzip.destroy(error));
  try {
    for await (const bytes of packed.pipe(gunzip)) yield bytes as Buffer;
  } catch (error) {
    const code = String((error as NodeJS.ErrnoException).code);
    throw code.startsWith('Z_') ? new CsvError('DAMAGED_COMPRESSION', code) : error;
  } finally {
    packed.destroy();
  }
}

/** UTF-16 and everything binary has zeros, or begins with the mark of UTF-16. */
function refuseOtherEncodings(bytes: Buffer): void {
  const mark = bytes.subarray(0, 2).toString('hex');
  if (mark === 'fffe' || mark === 'feff') throw new CsvError('NO_UTF8_TEXT', 'UTF-16');
  if (bytes.includes(0)) throw new CsvError('NO_UTF8_TEXT');
}

/** Where the wanted columns stand in a line, and how many it has. */
interface Layout {
  width: number;
  places: readonly number[];
}

function readHeader({ text, defect }: Piece, columns: readonly string[]): Layout {
  const names = defect ? [] : (parseText(text.replace(/^\uFEFF/, ''))?.[0] ?? []).map((name) => name.trim());
  const missing = columns.filter((name) => names.indexOf(name) === -1);
  const twice = columns.filter((name) => names.indexOf(name) !== names.lastIndexOf(name));
  if (missing.length + twice.length > 0)
    throw new CsvError('WRONG_HEADER', [...missing, ...twice].join(', '));
  return { width: names.length, places: columns.map((name) => names.indexOf(name)) };
}

/** What was cut out of the file as one line. */
interface Piece {
  number: number;
  text: string;
  defect: CsvDefect | null;
}

const NEWLINE = 10;
const QUOTE = 34;
const TEXT_SHOWN = 200;

/**
 * Cuts bytes into lines. A line break within quotes belongs to its line, as long as that comes to a whole line in the
 * end; a quote that nobody closes spoils only the line in which it stands.
 */
function makeCutter(columns: readonly string[]) {
  let layout: Layout | null = null;
  let left: Buffer = Buffer.alloc(0);
  let number = 1;
  let isSkipping = false;
  const cutAll = (bytes: Buffer, isEnd: boolean): CsvLine[] => {
    const pieces = cutPieces(bytes, isEnd);
    return layout ? parsePieces(pieces, layout) : [];
  };

  /** The lines that are whole by now, the header left out. */
  function cutPieces(bytes: Buffer, isEnd: boolean): Piece[] {
    let rest: Buffer = left.byteLength > 0 ? Buffer.concat([left, bytes]) : bytes;
    const pieces: Piece[] = [];
    while (rest.byteLength > 0) {
      if (isSkipping) {
        const end = rest.indexOf(NEWLINE);
        rest = end === -1 ? Buffer.alloc(0) : rest.subarray(end + 1);
        isSkipping = end === -1;
        continue;
      }
      const taken = takeLine(rest, isEnd);
      if (taken === null) break;
      const piece = pieceOf(taken, number);
      if (layout) pieces.push(piece);
      else layout = readHeader(piece, columns);
      number += taken.lines;
      isSkipping = taken.isOpen;
      rest = rest.subarray(taken.bytes);
    }
    left = rest;
    return pieces;
  }

  /** The next line; null when more of the file must come to know it. */
  function takeLine(rest: Buffer, isEnd: boolean): Taken | null {
    const first = rest.indexOf(NEWLINE);
    if (first === -1 && !isEnd && rest.byteLength <= CSV_LINE_BYTES_MAX) return null;
    const length = first === -1 ? rest.byteLength : first + 1;
    const alone = { content: rest.subarray(0, length), bytes: length, lines: 1, isOpen: false };
    if (length > CSV_LINE_BYTES_MAX) return { ...alone, isOpen: first === -1 };
    if (countQuotes(alone.content) % 2 === 0 || isWhole(decode(alone.content))) return alone;
    for (let from = length, lines = 2; ; lines++) {
      const next = rest.indexOf(NEWLINE, from);
      if (next === -1 && !isEnd && rest.byteLength <= CSV_LINE_BYTES_MAX) return null;
      const end = next === -1 ? rest.byteLength : next + 1;
      if (end === from || end > CSV_LINE_BYTES_MAX) return alone;
      if (countQuotes(rest.subarray(from, end)) % 2 === 1) {
        const content = rest.subarray(0, end);
        const [values, ...more] = parseText(decode(content), false) ?? [];
        const isOne = more.length === 0 && values?.length === layout?.width;
        return isOne ? { content, bytes: end, lines, isOpen: false } : alone;
      }
      from = end;
    }
  }

  return {
    cut: (bytes: Buffer): CsvLine[] => cutAll(bytes, false),
    end: (): CsvLine[] => cutAll(Buffer.alloc(0), true),
  };
}

interface Taken {
  content: Buffer;
  bytes: number;
  /** Lines of the file that it takes up. */
  lines: number;
  /** True when what follows up to the next line break belongs to it as well. */
  isOpen: boolean;
}

function countQuotes(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(QUOTE); at !== -1; at = bytes.indexOf(QUOTE, at + 1)) count++;
  return count;
}

const decode = (content: Buffer): string => content.toString('utf8').replace(/\r?\n$/, '');

// Bytes that are no UTF-8 become the replacement character, which no CSV of a shop has otherwise.
const REPLACEMENT = '\uFFFD';
const CONTROL = /(?![\t\n\r])\p{Cc}/u;

function pieceOf({ content, isOpen }: Taken, number: number): Piece {
  if (isOpen || content.byteLength > CSV_LINE_BYTES_MAX)
    return { number, text: decode(content.subarray(0, TEXT_SHOWN)), defect: 'TOO_LONG' };
  const text = decode(content);
  return { number, text, defect: defectOf(text) };
}

function defectOf(text: string): CsvDefect | null {
  if (text === '') return 'EMPTY';
  if (text.includes(REPLACEMENT)) return 'NOT_UTF8';
  return CONTROL.test(text) ? 'CONTROL_CHARACTERS' : null;
}

/**
 * The lines of a text with their values; null when a quote is not closed. Quotes within a value stay what they are,
 * unless `isLax` is false.
 */
function parseText(text: string, isLax = true): string[][] | null {
  try {
    return parse(text, {
      record_delimiter: '\n',
      relax_column_count: true,
      relax_quotes: isLax,
    }) as string[][];
  } catch {
    return null;
  }
}

const VALUE = '(?:"[^"]*(?:""[^"]*)*"|(?:[^",][^,]*)?)';
/** A line in which quotes stand around values, or within one that begins with another character (`12" RULER`). */
const WELL_QUOTED = new RegExp(`^${VALUE}(?:,${VALUE})*$`);

/** True for a text whose quotes do not reach into the next line. */
const isWhole = (text: string): boolean => WELL_QUOTED.test(text) || parseText(text) !== null;

/** Parse what was cut: all together, but for lines whose quotes could reach into the next. */
function parsePieces(pieces: readonly Piece[], layout: Layout): CsvLine[] {
  const isPlain = ({ text, defect }: Piece) => defect === null && WELL_QUOTED.test(text);
  const plain = new Set(pieces.filter(isPlain));
  const together = parseText([...plain].map(({ text }) => text).join('\n')) ?? [];
  let at = 0;
  return pieces.map((piece): CsvLine => {
    const { number, text, defect } = piece;
    if (defect) return { number, values: null, defect, text };
    const values = plain.has(piece) ? (together[at++] ?? null) : parseOne(text);
    if (values === null) return { number, values: null, defect: 'QUOTES', text };
    if (values.length !== layout.width) return { number, values: null, defect: 'COLUMNS', text };
    return { number, values: layout.places.map((place) => values[place] ?? ''), defect: null, text };
  });
}

function parseOne(text: string): string[] | null {
  const lines = parseText(text);
  return lines?.length === 1 ? (lines[0] ?? null) : null;
}
