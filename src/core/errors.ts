// Refusals: what a verb may answer instead of doing its work. Each domain keeps its codes and their texts in one table.

import { defineTypeTitles, fillIn, type Locale, type Param, type Text, typeTitle } from './texts.ts';

/** One thing wrong with a request: a stable code, where in the input it lies, and what the text and the type need. */
export interface Problem {
  code: string;
  path: readonly (string | number)[];
  params: Readonly<Record<string, Param>>;
  /** Concrete `UserError` type that carries `data`; the plain one when absent. */
  type?: string;
  data?: Readonly<Record<string, unknown>>;
}

const messages = new Map<string, Text>();

type Detail = { path?: Problem['path']; params?: Problem['params']; type?: string; data?: Problem['data'] };

/** Register a domain's codes with their messages and get the function that makes its problems. */
export function defineErrors<Table extends Record<string, Text>>(table: Table) {
  for (const [code, text] of Object.entries(table)) {
    if (messages.has(code)) throw new Error(`error code ${code} is defined twice`);
    messages.set(code, text);
  }
  return (code: keyof Table & string, detail: Detail = {}): Problem => ({
    code,
    path: detail.path ?? [],
    params: detail.params ?? {},
    ...(detail.type ? { type: detail.type } : {}),
    ...(detail.data ? { data: detail.data } : {}),
  });
}

/** Every code with its texts, for the `ErrorCode` enum. */
export const errorCodes = (): ReadonlyMap<string, Text> => messages;

/** The message of a problem in a language. A type is called what people call its objects. */
export function messageOf({ code, params }: Problem, locale: Locale): string {
  const text = messages.get(code);
  const { type } = params;
  const named = typeof type === 'string' ? { ...params, type: typeTitle(type) } : params;
  return text ? fillIn(text, named, locale) : code;
}

/** A refusal with all problems of its phase. The transaction rolls back and the caller reads them as `userErrors`. */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map((problem) => messageOf(problem, 'en')).join(' '));
    this.problems = problems;
  }
}

/** Refuse with all problems found, if any. Ends a phase of a verb. */
export function refuseIf(problems: readonly Problem[]): void {
  if (problems.length > 0) throw new DomainError(problems);
}

/** Codes that every domain shares. */
export const problem = defineErrors({
  REQUIRED: { en: 'A value is required.', zh: '此项必填。' },
  INVALID: { en: 'The value is not valid: {why}.', zh: '值无效：{why}。' },
  INVALID_ID: { en: 'This is no {type} id.', zh: '这不是{type}的标识。' },
  TOO_SHORT: { en: 'Give at least {min}.', zh: '至少需要 {min}。' },
  TOO_LONG: { en: 'Give at most {max}.', zh: '最多允许 {max}。' },
  OUT_OF_RANGE: { en: 'The value must be between {min} and {max}.', zh: '值必须在 {min} 与 {max} 之间。' },
  NOT_FOUND: { en: 'No {type} with this id can be seen.', zh: '找不到可见的{type}。' },
  DUPLICATE: { en: 'The same value is given twice.', zh: '重复的值。' },
  CURRENCY_DIFFERS: { en: 'The currency of the order is {currency}.', zh: '订单货币为 {currency}。' },
  ALREADY_EXISTS: { en: '{value} is taken already.', zh: '{value} 已被占用。' },
  STALE_VERSION: {
    en: 'The object was changed meanwhile: its version is {current}.',
    zh: '对象已被他人修改，当前版本为 {current}。',
  },
  NOT_PERMITTED: { en: 'You may not do this here.', zh: '您无权在此执行该操作。' },
  GRANT_EXCEEDS_OWN: {
    en: 'You cannot give rights that you do not have: {what}.',
    zh: '不能授予您自己没有的权限：{what}。',
  },
  ILLEGAL_STATE: {
    en: 'This is not possible while the state is {state}.',
    zh: '状态为 {state} 时不能执行此操作。',
  },
  IDEMPOTENCY_KEY_REUSED: {
    en: 'This idempotency key was used before with other input.',
    zh: '该幂等键已用于不同的输入。',
  },
});

// An id of whatever type.
defineTypeTitles({ Node: { en: 'object', zh: '对象' } });

/** A refusal for an id that is unknown or belongs to what the actor may not see: the two look the same. */
export const notFound = (type: string, path: readonly (string | number)[]): Problem =>
  problem('NOT_FOUND', { path, params: { type } });

/** A problem when the object moved on since the caller read it. */
export const staleProblems = (row: { version: number }, expectedVersion: number | undefined): Problem[] =>
  expectedVersion === undefined || expectedVersion === row.version
    ? []
    : [problem('STALE_VERSION', { path: ['expectedVersion'], params: { current: row.version } })];

export const takenProblem = (path: readonly (string | number)[], value: string): Problem =>
  problem('ALREADY_EXISTS', { path, params: { value } });
