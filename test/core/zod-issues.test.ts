// What zod finds wrong by itself reaches people in our codes and in both languages, never in zod's own words.

import { expect, test } from 'vitest';
import { z } from 'zod';
import { messageOf } from '../../src/core/errors.ts';
import { oneOf, problemsOf } from '../../src/core/inputs.ts';

const told = (schema: z.ZodType, input: unknown) => {
  const { error } = schema.safeParse(input);
  return problemsOf(error as z.ZodError).map((found) => [
    found.code,
    found.path.join('.'),
    messageOf(found, 'en'),
    messageOf(found, 'zh'),
  ]);
};

const invalid = (path: string, en: string, zh: string) => [
  ['INVALID', path, `The value is not valid: ${en}.`, `值无效：${zh}。`],
];
const color = z.object({ color: oneOf('Color', { RED: 1, BLUE: 1 }) });
const union = z.discriminatedUnion('type', [
  z.object({ type: z.literal('a'), size: z.number() }),
  z.object({ type: z.literal('b') }),
]);

test.each([
  [
    'a value of no enum',
    color,
    { color: 'GREEN' },
    invalid('color', 'it must be one of RED, BLUE', '须为其中之一：RED、BLUE'),
  ],
  [
    'another type',
    color,
    { color: 7 },
    invalid('color', 'it must be one of RED, BLUE', '须为其中之一：RED、BLUE'),
  ],
  ['no object', color, 'x', invalid('', 'it must be an object', '须为对象')],
  ['no text', z.object({ a: z.string() }), { a: 1 }, invalid('a', 'it must be a text', '须为文本')],
  ['no list', z.array(z.string()), 'x', invalid('', 'it must be a list', '须为列表')],
  ['a fraction', z.int(), 1.5, invalid('', 'it must be a whole number', '须为整数')],
  [
    'no kind of a union',
    union,
    { type: 'c' },
    invalid('type', 'it must be one of a, b', '须为其中之一：a、b'),
  ],
  ['a part of a union', union, { type: 'a', size: 'x' }, invalid('size', 'it must be a number', '须为数字')],
  ['no literal', z.literal('on'), 'off', invalid('', 'it must be on', '须为 on')],
  [
    'an unknown field',
    z.strictObject({}),
    { x: 1 },
    invalid('', 'it has unknown fields: x', '包含未知字段：x'),
  ],
  [
    'no moment',
    z.iso.datetime({ offset: true }),
    'today',
    invalid('', 'it must be a moment in ISO 8601 with a time zone', '须为带时区的 ISO 8601 时间'),
  ],
  [
    'another pattern',
    z.string().regex(/^x$/),
    'y',
    invalid('', 'its form is not the expected one', '格式不符合要求'),
  ],
  [
    'no case of a union',
    z.union([z.string(), z.number()]),
    true,
    invalid('', 'its form is not the expected one', '格式不符合要求'),
  ],
  ['too large a number', z.number().max(3), 4, invalid('', 'it must be at most 3', '不得大于 3')],
])('%s', (_name, schema, input, expected) => expect(told(schema, input)).toEqual(expected));

test('what is missing is required, whatever should be there', () => {
  const all = z.object({
    a: z.string(),
    b: z.enum(['X']),
    c: z.array(z.string()),
    d: z.object({}),
    e: z.literal(1),
  });
  expect(told(all, {})).toEqual(
    ['a', 'b', 'c', 'd', 'e'].map((path) => ['REQUIRED', path, 'A value is required.', '此项必填。']),
  );
  expect(told(union, {})).toHaveLength(1);
});

test('what is too long or too short is told in characters or items', () => {
  expect(told(z.string().max(2), 'abc')).toEqual([
    ['TOO_LONG', '', 'Give at most 2 characters.', '最多允许 2 个字符。'],
  ]);
  expect(told(z.array(z.string()).min(1), [])).toEqual([
    ['TOO_SHORT', '', 'Give at least 1 item.', '至少需要 1 项。'],
  ]);
});

test('of the names that a caller made up only some are told, and cut', () => {
  const many = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`${'x'.repeat(500)}${i}`, 1]));
  expect(told(z.strictObject({}), many)[0]?.[2]?.length).toBeLessThan(300);
});
