// What zod itself finds wrong with an input, in our codes and in every language.

import { z } from 'zod';
import { type Problem, problem } from './errors.ts';
import type { Text } from './texts.ts';

/** Marks issues of values that are not there, which zod tells only in the words of its message. */
const MISSING = 'missing';
z.config({ customError: (found) => (found.input === undefined ? MISSING : undefined) });

/** So many characters of a string, or items of anything else that has a length. */
export const amountOf = (origin: string, count: number): Text =>
  origin === 'string'
    ? { en: `${count} ${count === 1 ? 'character' : 'characters'}`, zh: `${count} 个字符` }
    : { en: `${count} ${count === 1 ? 'item' : 'items'}`, zh: `${count} 项` };

type NativeIssue = z.core.$ZodIssue;

/** The problem of an issue that none of our own checks found. */
export function nativeProblem(found: NativeIssue, path: readonly (string | number)[]): Problem {
  if (found.message === MISSING) return problem('REQUIRED', { path });
  if (found.code === 'too_small' || found.code === 'too_big') return sizeProblem(found, path);
  return problem('INVALID', { path, params: { why: whyOf(found) } });
}

function sizeProblem(
  found: Extract<NativeIssue, { code: 'too_small' | 'too_big' }>,
  path: readonly (string | number)[],
): Problem {
  const isSmall = found.code === 'too_small';
  const limit = Number(isSmall ? found.minimum : found.maximum);
  if (['string', 'array', 'set', 'map', 'file'].includes(found.origin)) {
    const amount = amountOf(found.origin, limit);
    return isSmall
      ? problem('TOO_SHORT', { path, params: { min: amount } })
      : problem('TOO_LONG', { path, params: { max: amount } });
  }
  const bound = found.origin === 'date' ? new Date(limit).toISOString() : String(limit);
  const why = isSmall
    ? { en: `it must be at least ${bound}`, zh: `不得小于 ${bound}` }
    : { en: `it must be at most ${bound}`, zh: `不得大于 ${bound}` };
  return problem('INVALID', { path, params: { why } });
}

const kinds: Readonly<Record<string, Text>> = {
  string: { en: 'a text', zh: '文本' },
  number: { en: 'a number', zh: '数字' },
  int: { en: 'a whole number', zh: '整数' },
  boolean: { en: 'true or false', zh: 'true 或 false' },
  date: { en: 'a moment', zh: '时间' },
  array: { en: 'a list', zh: '列表' },
  object: { en: 'an object', zh: '对象' },
  record: { en: 'an object', zh: '对象' },
};

const formats: Readonly<Record<string, Text>> = {
  datetime: { en: 'a moment in ISO 8601 with a time zone', zh: '带时区的 ISO 8601 时间' },
  date: { en: 'a day in ISO 8601', zh: 'ISO 8601 日期' },
  email: { en: 'an e-mail address', zh: '邮箱地址' },
  url: { en: 'a URL', zh: 'URL' },
  uuid: { en: 'a UUID', zh: 'UUID' },
};

const mustBe = (what: Text): Text => ({ en: `it must be ${what.en}`, zh: `须为${what.zh}` });
const misformed: Text = { en: 'its form is not the expected one', zh: '格式不符合要求' };

/** Finishes «The value is not valid: …». */
function whyOf(found: NativeIssue): Text {
  switch (found.code) {
    case 'invalid_type': {
      const kind = kinds[found.expected];
      return kind ? mustBe(kind) : misformed;
    }
    case 'invalid_format': {
      const format = formats[found.format];
      return format ? mustBe(format) : misformed;
    }
    case 'invalid_value':
      return choice(found.values);
    case 'invalid_union':
      return 'options' in found && found.options ? choice(found.options) : misformed;
    case 'unrecognized_keys':
      return unknownFields(found.keys);
    default:
      return misformed;
  }
}

function choice(values: readonly unknown[]): Text {
  const names = values.map(String);
  return names.length === 1
    ? { en: `it must be ${names[0]}`, zh: `须为 ${names[0]}` }
    : { en: `it must be one of ${names.join(', ')}`, zh: `须为其中之一：${names.join('、')}` };
}

const TOLD_MAX = 5;
const NAME_MAX = 40;

/** Names that the caller made up: some of them, cut. */
function unknownFields(keys: readonly string[]): Text {
  const names = keys.slice(0, TOLD_MAX).map((key) => key.slice(0, NAME_MAX));
  return { en: `it has unknown fields: ${names.join(', ')}`, zh: `包含未知字段：${names.join('、')}` };
}
