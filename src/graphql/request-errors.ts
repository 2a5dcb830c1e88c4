// Errors about a request itself, told in the language of whoever sent it. `UserError` is for refused acts.

import { GraphQLError } from 'graphql';
import { messageOf, type Problem } from '../core/errors.ts';
import { fillIn, type Locale, type Param, type Text } from '../core/texts.ts';

/** What the door says. What graphql-js finds wrong with a document or its variables stays in its own English. */
export const requestTexts = {
  LOG_IN: {
    code: 'UNAUTHENTICATED',
    en: 'Log in, or send a key: this is not public.',
    zh: '请先登录或提供密钥：此内容不公开。',
  },
  CREDENTIAL_INVALID: {
    code: 'UNAUTHENTICATED',
    en: 'The session or key is not valid, or no longer.',
    zh: '会话或密钥无效或已失效。',
  },
  CREDENTIAL_ENDED: {
    code: 'UNAUTHENTICATED',
    en: 'The session or key ended, or its rights changed: log in or connect again.',
    zh: '会话或密钥已结束，或其权限已变更：请重新登录或重新连接。',
  },
  PERMISSION_MISSING: {
    code: 'FORBIDDEN',
    en: 'This needs the permission {permission}.',
    zh: '此操作需要权限 {permission}。',
  },
  NOT_FOR_CALLER: { code: 'FORBIDDEN', en: 'You may not see this.', zh: '您无权查看此内容。' },
  TOO_MANY_IDS: { code: 'BAD_INPUT', en: 'At most {max} ids.', zh: '最多 {max} 个标识。' },
  PAGE_TWO_SIZES: {
    code: 'BAD_INPUT',
    en: 'Give `first` or `last`, not both.',
    zh: '`first` 与 `last` 只能给出其一。',
  },
  PAGE_AFTER_LAST: {
    code: 'BAD_INPUT',
    en: '`last` goes with `before`, not with `after`.',
    zh: '`last` 应与 `before` 连用，不能与 `after` 连用。',
  },
  PAGE_BEFORE_FIRST: {
    code: 'BAD_INPUT',
    en: '`before` goes with `last`.',
    zh: '`before` 应与 `last` 连用。',
  },
  PAGE_SIZE: {
    code: 'BAD_INPUT',
    en: '`first` and `last` are between 0 and {max}.',
    zh: '`first` 与 `last` 须在 0 与 {max} 之间。',
  },
  CURSOR_FOREIGN: {
    code: 'BAD_INPUT',
    en: 'This cursor is not one of this list in this order.',
    zh: '该游标不属于此列表的此种排序。',
  },
  RESYNC: {
    code: 'RESYNC_REQUIRED',
    en: 'Read the lists anew and watch from their eventCursor: {why}.',
    zh: '请重新读取列表并从其 eventCursor 开始订阅：{why}。',
  },
  TOO_COSTLY: {
    code: 'TOO_COSTLY',
    en: 'This asks for up to {objects} objects; {max} are allowed. Ask for fewer with first.',
    zh: '此请求最多会读取 {objects} 个对象，上限为 {max} 个。请用 first 减少数量。',
  },
  ANSWER_TOO_LONG: {
    code: 'TOO_COSTLY',
    en: 'The answer has more than {max} million characters: ask for less at once.',
    zh: '答复超过 {max} 百万字符，请减少一次请求的内容。',
  },
  THROTTLED: {
    code: 'RATE_LIMITED',
    en: 'Too much was asked for in a short time: try again in {seconds} s.',
    zh: '短时间内请求过多，请在 {seconds} 秒后重试。',
  },
  STREAM_ONLY: {
    code: 'NOT_ACCEPTABLE',
    en: 'A subscription is answered as a stream: send `Accept: text/event-stream`, or use a WebSocket.',
    zh: '订阅以流的形式答复：请发送 `Accept: text/event-stream`，或使用 WebSocket。',
  },
  TOO_MANY_STREAMS: {
    code: 'RATE_LIMITED',
    en: 'At most {max} subscriptions may be open at once.',
    zh: '最多可同时打开 {max} 个订阅。',
  },
  OVERLOADED: {
    code: 'OVERLOADED',
    en: 'Too much is asked of the server just now: try again in a moment.',
    zh: '服务器当前繁忙，请稍后重试。',
  },
  INTERNAL: { code: 'INTERNAL', en: 'Unexpected error.', zh: '发生意外错误。' },
} as const satisfies Record<string, Text & { code: string }>;

type Params = Readonly<Record<string, Param>>;

/** An error whose message waits for the language of the caller; in English until `inLanguage` turns it. */
export class RequestError extends GraphQLError {
  readonly text: Text;
  readonly params: Params;
  readonly problems: readonly Problem[];

  constructor(
    text: Text,
    code: string,
    details: { params?: Params; problems?: readonly Problem[]; data?: object },
  ) {
    const { params = {}, problems = [], data = {} } = details;
    super(fillIn(text, params, 'en'), { extensions: { code, ...data, ...toldIn(problems, 'en') } });
    this.text = text;
    this.params = params;
    this.problems = problems;
  }
}

const toldIn = (problems: readonly Problem[], locale: Locale): object =>
  problems.length === 0
    ? {}
    : {
        problems: problems.map((one) => ({
          code: one.code,
          path: one.path,
          message: messageOf(one, locale),
        })),
      };

/** An error with a text of the table; `data` goes into its extensions. */
export const requestError = (
  name: keyof typeof requestTexts,
  details: { params?: Params; data?: object } = {},
): GraphQLError => new RequestError(requestTexts[name], requestTexts[name].code, details);

/** BAD_INPUT that says what its problems say. */
export function badArguments(problems: readonly Problem[]): GraphQLError {
  const all = (locale: Locale, between: string) =>
    problems.map((one) => messageOf(one, locale)).join(between);
  return new RequestError({ en: all('en', ' '), zh: all('zh', '') }, 'BAD_INPUT', { problems });
}

/** The same error in a language; one that is not ours stays as it is. */
export function inLanguage(error: GraphQLError, locale: Locale): GraphQLError {
  const own = error instanceof RequestError ? error : error.originalError;
  if (!(own instanceof RequestError)) return error;
  return new GraphQLError(fillIn(own.text, own.params, locale), {
    nodes: error.nodes,
    source: error.source,
    positions: error.positions,
    path: error.path,
    extensions: { ...own.extensions, ...toldIn(own.problems, locale) },
  });
}
