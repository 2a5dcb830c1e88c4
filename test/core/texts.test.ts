// Words, languages, ids and cursors: what goes in comes out, and garbage is told from it.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeCursor, encodeCursor } from '../../src/core/cursor.ts';
import { fromGlobalId, newId, toGlobalId } from '../../src/core/ids.ts';
import { text } from '../../src/core/inputs.ts';
import { defineReasons, fillIn, localeOf, reasonIn, reasonWith } from '../../src/core/texts.ts';
import { startOfDay } from '../../src/core/time.ts';
import { indexWords, queryWords } from '../../src/core/words.ts';

describe('words', () => {
  /** True when a search for the query finds an object with these texts. */
  const finds = (query: string, ...texts: string[]): boolean => {
    const words = new Set(indexWords(texts));
    return queryWords(query).every((word) => words.has(word));
  };

  test.each([
    ['连衣裙', '夏季新款碎花连衣裙女'],
    ['碎花 连衣裙', '夏季新款碎花连衣裙女'],
    ['新款碎花', '夏季新款碎花连衣裙女'],
    ['裙', '夏季新款碎花连衣裙女'],
    ['DRESS', 'Summer dress, blue'],
    ['blue summer', 'Summer dress, blue'],
    ['ｄｒｅｓｓ', 'Summer dress, blue'],
    ['A100', '型号 a100 黑色'],
    ['型号a100', '型号 A100 黑色'],
  ])('%s is found in %s', (query, text) => expect(finds(query, text)).toBe(true));

  test.each([
    ['裤子', '夏季新款碎花连衣裙女'],
    ['连裙', '夏季新款碎花连衣裙女'],
    ['red', 'Summer dress, blue'],
    ['dress red', 'Summer dress, blue'],
    ['dres', 'Summer dress, blue'],
  ])('%s is not found in %s', (query, text) => expect(finds(query, text)).toBe(false));

  test('every run of Chinese within a text finds it', () => {
    const characters = [...'夏季新款碎花连衣裙女士棉麻宽松大码'];
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...characters), { minLength: 1, maxLength: 20 }),
        fc.nat(),
        fc.nat(),
        (text, from, length) => {
          const start = from % text.length;
          const part = text.slice(start, start + 1 + (length % (text.length - start))).join('');
          expect(finds(part, text.join(''))).toBe(true);
        },
      ),
    );
  });

  test('are bounded in number whatever is written', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme', maxLength: 300 })),
        (texts) => indexWords(texts, 50).length <= 50,
      ),
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (query) => queryWords(query).length <= 20),
    );
  });
});

describe('the language of a request', () => {
  test.each([
    ['zh', 'zh'],
    ['zh-CN,zh;q=0.9,en;q=0.8', 'zh'],
    ['zh-Hant-TW', 'zh'],
    ['en-GB,en;q=0.9,zh;q=0.8', 'en'],
    ['fr,zh;q=0.5,en;q=0.4', 'zh'],
    ['en;q=0.1,zh;q=0.2', 'zh'],
    ['fr-FR,de', null],
    ['zh;q=0', null],
    ['*', null],
    ['', null],
    [undefined, null],
    ['zhx', null],
    [';;;=,,q=', null],
  ])('%j names %s', (header, locale) => expect(localeOf(header)).toBe(locale));

  test('is always one of ours, or none', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (header) => ['en', 'zh', null].includes(localeOf(header))),
    );
  });

  test('fills every place of a text, and leaves unknown places as they are', () => {
    const text = { en: '{a} of {b}, {a}, {c}', zh: '{b} 之 {a}' };
    expect(fillIn(text, { a: 1, b: 'two' }, 'en')).toBe('1 of two, 1, {c}');
    expect(fillIn(text, { a: 1, b: { en: 'Draft', zh: '草稿' } }, 'zh')).toBe('草稿 之 1');
    expect(fillIn({ en: '{a}', zh: '' }, { a: '{b}', b: 'x' }, 'en')).toBe('{b}');
  });
});

describe('reasons of the product', () => {
  const reason = defineReasons({
    testPlain: { en: 'It rained.', zh: '下雨了。' },
    testFilled: { en: 'It rained on {day}, {units} times.', zh: '{day} 下雨 {units} 次。' },
  });

  test('are kept without a language and read in each', () => {
    const filled = reasonWith(reason.testFilled, { day: 'a "} day', units: 2 });
    expect(reasonIn('en', reason.testPlain)).toBe('It rained.');
    expect(reasonIn('zh', reason.testPlain)).toBe('下雨了。');
    expect(reasonIn('en', filled)).toBe('It rained on a "} day, 2 times.');
    expect(reasonIn('zh', filled)).toBe('a "} day 下雨 2 次。');
  });

  test('are no text that somebody wrote, because such texts are trimmed; other values stay as they are', () => {
    const stored = [reason.testPlain, reasonWith(reason.testFilled, { day: 'Monday', units: 1 })];
    for (const one of stored) {
      const typed = text(1, 1_000).parse(one);
      expect(typed).not.toBe(one);
      expect(reasonIn('en', typed)).toBe(typed);
    }
    for (const other of [null, 7, '', '#', ' #nobody', ' #testPlain {', { reason: stored[0] }])
      expect(reasonIn('en', other)).toBe(other);
  });

  test('have a name of their own', () => {
    expect(() => defineReasons({ testPlain: { en: '', zh: '' } })).toThrow('defined twice');
  });
});

describe('ids', () => {
  test('come back as they went in, and each text is the id of one object only', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.stringMatching(/^[A-Z][A-Za-z]{0,30}$/), (id, type) => {
        const global = toGlobalId(type, id);
        expect(global).toMatch(/^[\w-]+$/);
        expect(fromGlobalId(global)).toEqual({ type, id });
      }),
    );
  });

  test('that are garbage are null, whatever they are made of', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String(), fc.string({ unit: 'binary' })), (text) => {
        const decoded = fromGlobalId(text);
        expect(decoded === null || toGlobalId(decoded.type, decoded.id) === text).toBe(true);
      }),
    );
  });

  test('G14 are UUIDs of version 7, ascending in the order in which they are made', () => {
    const ids = Array.from({ length: 10_000 }, newId);
    expect(
      ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id)),
    ).toBe(true);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id, i) => i > 0 && id <= (ids[i - 1] ?? ''))).toEqual([]);
  });
});

describe('cursors of the event log', () => {
  test('come back as they went in', () => {
    const place = fc.record({
      epoch: fc.stringMatching(/^[\w-]{1,40}$/),
      seq: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
      mark: fc.stringMatching(/^([0-9a-f]{12}|)$/),
    });
    fc.assert(
      fc.property(place, (one) => {
        expect(decodeCursor(encodeCursor(one))).toEqual(one);
      }),
    );
  });

  test('that are garbage, too large or of another version are null', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.base64String()),
        (text) => decodeCursor(text) === null || text.length <= 100,
      ),
    );
    const encoded = (text: string) => Buffer.from(text).toString('base64url');
    const bad = [
      ...['2.e.1.', '1.e.9223372036854775808.', '1..1.', '1.e.-1.', '1.e.1x.', '1.e.1.abc'],
      `1.${'e'.repeat(41)}.1.`,
    ].map(encoded);
    expect(bad.map(decodeCursor)).toEqual(bad.map(() => null));
  });

  test('of before there were marks name a place without one', () => {
    const old = Buffer.from('1.e.7').toString('base64url');
    expect(decodeCursor(old)).toEqual({ epoch: 'e', seq: 7n, mark: '' });
  });
});

describe('days', () => {
  test('begin where the time zone of the store has midnight, also when a day has 23 or 25 hours', () => {
    const day = (moment: string, zone: string) => startOfDay(new Date(moment), zone).toISOString();
    expect(day('2026-11-22T15:59:59.999Z', 'Asia/Shanghai')).toBe('2026-11-21T16:00:00.000Z');
    expect(day('2026-11-22T16:00:00.000Z', 'Asia/Shanghai')).toBe('2026-11-22T16:00:00.000Z');
    expect(day('2026-03-29T12:00:00Z', 'Europe/Berlin')).toBe('2026-03-28T23:00:00.000Z');
    expect(day('2026-10-25T12:00:00Z', 'Europe/Berlin')).toBe('2026-10-24T22:00:00.000Z');
    expect(day('2026-09-06T12:00:00Z', 'America/Santiago')).toBe('2026-09-06T04:00:00.000Z');
  });
});
