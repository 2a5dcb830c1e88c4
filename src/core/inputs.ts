// Shapes and bounds that inputs of all domains share. GraphQL input types are made from these schemas, so a bound
// stands in one place; verbs reached without GraphQL (imports, hooks) parse with the same schema.

import { z } from 'zod';
import { type Problem, problem } from './errors.ts';
import { fromGlobalId } from './ids.ts';
import { formatMinor, isCurrency, MONEY_MINOR_MAX, parseMinor } from './money.ts';
import type { Param, Text } from './texts.ts';
import { addDays } from './time.ts';
import { amountOf, nativeProblem } from './zod-issues.ts';

/** Id of an object of one GraphQL type. Becomes its UUID. */
export const idOf = (type: string) =>
  z
    .string()
    .transform((globalId, context) => {
      const decoded = fromGlobalId(globalId);
      if (decoded?.type === type) return decoded.id;
      context.addIssue({ code: 'custom', message: 'id', params: { code: 'INVALID_ID', type } });
      return z.NEVER;
    })
    .meta({ graphql: 'ID' });

// Control characters other than tab and line breaks, and lone surrogates, which PostgreSQL refuses or nobody can see.
const UNSTORABLE = /(?![\t\n\r])[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u;

/** Text a person wrote, trimmed, of `min` to `max` characters (code points). */
export const text = (min: number, max: number) =>
  z
    .string()
    .transform((value, context) => {
      const trimmed = value.trim().normalize('NFC');
      const length = [...trimmed].length;
      if (UNSTORABLE.test(trimmed))
        issue(context, 'INVALID', { why: { en: 'it contains control characters', zh: '包含控制字符' } });
      else if (length < min)
        issue(context, length === 0 ? 'REQUIRED' : 'TOO_SHORT', { min: amountOf('string', min) });
      else if (length > max) issue(context, 'TOO_LONG', { max: amountOf('string', max) });
      return trimmed;
    })
    .meta({
      graphql: 'String',
      bounds: min > 0 ? `${min} to ${max} characters.` : `At most ${max} characters.`,
    });

/** Stable short name made of lower case letters, digits, `_` and `-`. */
export const code = () =>
  pattern(/^[a-z0-9][a-z0-9_-]{0,39}$/, {
    en: 'it must be 1 to 40 lower case letters, digits, _ or -',
    zh: '须为 1 至 40 个小写字母、数字、_ 或 -',
  });

/** Stock keeping unit. Letters become upper case. */
export const sku = () =>
  z
    .string()
    .transform((value, context) => {
      const upper = value.trim().toUpperCase();
      if (!/^[A-Z0-9][A-Z0-9._/-]{0,63}$/.test(upper)) {
        issue(context, 'INVALID', {
          why: {
            en: 'a SKU has 1 to 64 letters, digits, dots, dashes, slashes and underscores',
            zh: 'SKU 为 1 至 64 个字母、数字、点、横线、斜线或下划线',
          },
        });
      }
      return upper;
    })
    .meta({ graphql: 'String', bounds: '1 to 64 letters, digits, `.`, `_`, `-` and `/`.' });

/** Text that must match a pattern; `why` finishes «The value is not valid: …». */
export const pattern = (expression: RegExp, why: Text) =>
  z
    .string()
    .transform((value, context) => {
      const trimmed = value.trim();
      if (UNSTORABLE.test(trimmed) || !expression.test(trimmed)) issue(context, 'INVALID', { why });
      return trimmed;
    })
    .meta({ graphql: 'String' });

export const email = () =>
  z
    .string()
    .transform((value, context) => {
      const lower = value.trim().toLowerCase();
      if (lower.length > 254 || !z.email().safeParse(lower).success) {
        issue(context, 'INVALID', { why: { en: 'this is no e-mail address', zh: '不是有效的邮箱地址' } });
      }
      return lower;
    })
    .meta({ graphql: 'String' });

/** Whole number between two bounds, both included. */
export const integer = (min: number, max: number) =>
  z
    .number()
    .transform((value, context) => {
      if (!Number.isInteger(value) || value < min || value > max)
        issue(context, 'OUT_OF_RANGE', { min, max });
      return value;
    })
    .meta({ graphql: 'Int', bounds: `${min} to ${max}.` });

/** A number of units to move, at least one. */
export const quantity = (max = 1_000_000) => integer(1, max);

export const boolean = () => z.boolean().meta({ graphql: 'Boolean' });

const EARLIEST = '2000-01-01';

/** A moment between the years 2000 and 2100. */
export const moment = () =>
  z
    .date()
    .transform((value, context) => {
      const year = value.getUTCFullYear();
      if (!(year >= 2000 && year < 2100))
        issue(context, 'OUT_OF_RANGE', { min: EARLIEST, max: '2099-12-31' });
      return value;
    })
    .meta({ graphql: 'DateTime', bounds: 'Between the years 2000 and 2100.' });

/** The latest that can have happened by the clock of a machine that is not ours: those may go ahead by a day. */
export const latestElsewhere = (at: Date): Date => addDays(at, 1);

/** Moments of what is told to have happened that lie after the latest possible one, each where it stands. */
export const aheadProblems = (
  told: readonly (readonly [path: Problem['path'], moment: Date | undefined])[],
  latest: Date,
): Problem[] =>
  told.flatMap(([path, moment]) =>
    moment && moment > latest
      ? [problem('OUT_OF_RANGE', { path, params: { min: EARLIEST, max: latest.toISOString() } })]
      : [],
  );

/** One value of an enum, given the table of its titles. */
export const oneOf = <Values extends Record<string, unknown>>(name: string, values: Values) =>
  z
    .enum(Object.keys(values) as [keyof Values & string, ...(keyof Values & string)[]])
    .meta({ graphql: name });

/** A list of `min` to `max` items. */
export const list = <Item extends z.ZodType>(item: Item, min: number, max: number) =>
  z
    .array(item)
    .transform((items, context) => {
      if (items.length < min) issue(context, 'TOO_SHORT', { min: amountOf('array', min) });
      if (items.length > max) issue(context, 'TOO_LONG', { max: amountOf('array', max) });
      return items;
    })
    .meta({ bounds: min > 0 ? `${min} to ${max} items.` : `At most ${max} items.` });

/** A nested input type with its GraphQL name. */
export const inputObject = <Shape extends z.ZodRawShape>(name: string, shape: Shape) =>
  z.object(shape).meta({ graphql: name });

export const currency = () =>
  z
    .string()
    .transform((value, context) => {
      if (!isCurrency(value))
        issue(context, 'INVALID', {
          why: { en: 'this is no ISO 4217 currency code', zh: '不是 ISO 4217 货币代码' },
        });
      return value;
    })
    .meta({ graphql: 'String' });

/** An amount of money between two numbers of minor units, both included. Becomes `{ minor, currency }`. */
export const money = (min: bigint = 0n, max: bigint = MONEY_MINOR_MAX) =>
  z
    .object({
      amount: z
        .string()
        .meta({ graphql: 'Decimal' })
        .describe('Decimal number with at most the digits of the currency.'),
      currency: z.string().meta({ graphql: 'String' }).describe('ISO 4217 code.'),
    })
    .transform((value, context) => {
      const known = isCurrency(value.currency);
      const minor = known ? parseMinor(value.amount, value.currency) : null;
      if (!known)
        issue(
          context,
          'INVALID',
          { why: { en: 'this is no ISO 4217 currency code', zh: '不是 ISO 4217 货币代码' } },
          ['currency'],
        );
      else if (minor === null) {
        issue(
          context,
          'INVALID',
          { why: { en: `this is no amount in ${value.currency}`, zh: `不是 ${value.currency} 的有效金额` } },
          ['amount'],
        );
      } else if (minor < min || minor > max) {
        const bounds = { min: formatMinor(min, value.currency), max: formatMinor(max, value.currency) };
        issue(context, 'OUT_OF_RANGE', bounds, ['amount']);
      }
      return { minor: minor ?? 0n, currency: value.currency };
    })
    .meta({ graphql: 'MoneyInput' });

/** Texts by language: at least one, each language once. */
export const texts = <Shape extends z.ZodRawShape>(name: string, shape: Shape) =>
  list(
    inputObject(name, {
      locale: oneOf('Locale', { en: 1, zh: 1 }).describe('Language of this text.'),
      ...shape,
    }),
    1,
    2,
  )
    .superRefine((items, context) => {
      distinct(
        context,
        items.map((item) => (item as { locale?: string }).locale),
        'locale',
      );
    }, ALWAYS)
    .meta({ graphql: undefined });

/** Names the caller's attempt, so that repeating it after a lost answer does nothing twice. */
export const idempotencyKey = () =>
  pattern(/^[\x21-\x7e]{8,128}$/, {
    en: 'a key has 8 to 128 printable ASCII characters',
    zh: '幂等键为 8 至 128 个可打印 ASCII 字符',
  }).describe(
    'Chosen by the caller, new for every intended change: 8 to 128 printable ASCII characters, best a UUID. A repeated call with the same key and input changes nothing and returns the same object; kept 7 days.',
  );

/** Version that the caller read. The change is refused when the object has moved on. */
export const expectedVersion = () =>
  integer(1, 2_147_483_647).describe(
    '`version` as last read. Refused with STALE_VERSION when it has changed since.',
  );

const externalReferencePattern = /^\S(.{0,126}\S)?$/u;
export const externalReference = () =>
  pattern(externalReferencePattern, {
    en: 'it must be 1 to 128 characters without white space at the ends',
    zh: '须为 1 至 128 个字符，首尾不含空白',
  });

/** Problems told at once; a caller who has more is better served by the first of them. */
const PROBLEMS_MAX = 100;

/** The problems of a failed parse, all at once, each with its path. */
export function problemsOf(error: z.ZodError, base: readonly (string | number)[] = []): Problem[] {
  return error.issues.slice(0, PROBLEMS_MAX).map((found) => {
    const path = [...base, ...found.path.map((key) => (typeof key === 'symbol' ? String(key) : key))];
    const { code: known, ...params } = (found.code === 'custom' ? (found.params ?? {}) : {}) as Record<
      string,
      string
    >;
    if (typeof known === 'string') return problem(known as 'INVALID', { path, params });
    return nativeProblem(found, path);
  });
}

/** For `superRefine`: check a whole object or list even when some of its parts are wrong, so that all problems come at once. */
export const ALWAYS = { when: ({ value }: { value: unknown }) => value !== null && value !== undefined };

type IssueCode = Parameters<typeof problem>[0];
type Issues = {
  addIssue(found: { code: 'custom'; message: string; params: object; path?: (string | number)[] }): void;
};

/** Add a problem with one of the shared codes to a schema's own check. */
export function issue(
  context: unknown,
  problemCode: IssueCode,
  params: Readonly<Record<string, Param>> = {},
  path: (string | number)[] = [],
): void {
  (context as Issues).addIssue({
    code: 'custom',
    message: problemCode,
    params: { code: problemCode, ...params },
    path,
  });
}

/** Add DUPLICATE for each value that stands in the list before, at its index followed by `field`. Nothing is no value. */
export function distinct(
  context: unknown,
  values: readonly (string | undefined)[],
  ...field: string[]
): void {
  const seen = new Set<string>();
  values.forEach((value, i) => {
    if (value === undefined) return;
    if (seen.has(value)) issue(context, 'DUPLICATE', {}, [i, ...field]);
    seen.add(value);
  });
}
