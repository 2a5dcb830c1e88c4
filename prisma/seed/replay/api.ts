// A small client of the public GraphQL API over HTTP: sends acts one by one, or many in a request.

import pLimit from 'p-limit';
import { ApiError, postPatiently } from './http.ts';

export interface UserError {
  __typename: string;
  code: string;
  message: string;
  path: string[];
  [data: string]: unknown;
}

export type Payload<Fields> = Fields & { userErrors: UserError[] };

export interface Api {
  /** The data of an operation. Throws ApiError for top-level errors. */
  ask<Data>(document: string, variables?: Record<string, unknown>): Promise<Data>;
  /** Do one mutation by its name; its payload with the refusals. */
  act<Fields>(mutation: string, input: object, selection?: string): Promise<Payload<Fields>>;
  /** Do one mutation for many inputs, many in a request. Payloads in the order of the inputs; throws on a refusal. */
  actAll<Fields>(mutation: string, inputs: readonly object[], selection?: string): Promise<Fields[]>;
}

const BATCH = 25;
const CONCURRENCY = 4;
const REFUSALS = 'userErrors { __typename code message path }';

/** A caller of the API at a `/graphql` address. A server that is away is waited for, up to a minute. */
export function apiAt(url: string, token: string | null, signal?: AbortSignal): Api {
  const ask = async <Data>(document: string, variables: Record<string, unknown> = {}): Promise<Data> => {
    const answer = await send(url, token, { query: document, variables }, signal);
    if (answer.errors?.length || !answer.data) throw failure(url, answer.errors ?? []);
    return answer.data as Data;
  };
  return {
    ask,
    async act(mutation, input, selection = '') {
      const document = `mutation ${mutation}($input: ${inputTypeOf(mutation)}!) {
        ${mutation}(input: $input) { ${selection} ${selection.includes('userErrors') ? '' : REFUSALS} }
      }`;
      const data = await ask<Record<string, never>>(document, { input });
      return data[mutation] as never;
    },
    async actAll(mutation, inputs, selection = '') {
      const limited = pLimit(CONCURRENCY);
      const batches = chunks(inputs, BATCH).map((batch) =>
        limited(() => actBatch(ask, mutation, batch, selection)),
      );
      return (await Promise.all(batches)).flat() as never;
    },
  };
}

async function actBatch(
  ask: Api['ask'],
  mutation: string,
  inputs: readonly object[],
  selection: string,
): Promise<object[]> {
  const type = inputTypeOf(mutation);
  const document = `mutation ${mutation}Batch(${inputs.map((_, i) => `$i${i}: ${type}!`).join(', ')}) {
    ${inputs.map((_, i) => `a${i}: ${mutation}(input: $i${i}) { ${selection} ${REFUSALS} }`).join('\n')}
  }`;
  const variables = Object.fromEntries(inputs.map((input, i) => [`i${i}`, input]));
  const data = await ask<Record<string, Payload<object>>>(document, variables);
  return inputs.map((input, i) => {
    const payload = data[`a${i}`];
    if (payload && payload.userErrors.length === 0) return payload;
    throw refusal(mutation, payload?.userErrors ?? [], input);
  });
}

/** The error for a mutation that was refused where nobody expected it. */
export function refusal(mutation: string, errors: readonly UserError[], input?: object): ApiError {
  const why = errors.map(({ code, message, path }) => `${code} at ${path.join('.')}: ${message}`).join('; ');
  const what = input ? ` for ${JSON.stringify(input).slice(0, 200)}` : '';
  return new ApiError(
    `${mutation} was refused${what}: ${why}`,
    errors.map((error) => error.code),
  );
}

export const chunks = <Item>(items: readonly Item[], size: number): Item[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));

const inputTypeOf = (mutation: string): string =>
  `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;

interface Answer {
  data?: unknown;
  errors?: { message: string; extensions?: { code?: string } }[];
}

function failure(url: string, errors: NonNullable<Answer['errors']>): ApiError {
  const words = errors.map(({ message, extensions }) => `${message} (${extensions?.code ?? 'no code'})`);
  return new ApiError(
    `${url} answered: ${words.join('; ') || 'nothing'}`,
    errors.map((error) => error.extensions?.code ?? ''),
  );
}

async function send(url: string, token: string | null, body: object, signal?: AbortSignal): Promise<Answer> {
  const headers = {
    accept: 'application/graphql-response+json',
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
  };
  const { status, text } = await postPatiently(url, headers, JSON.stringify(body), signal);
  return jsonOf(text) ?? { errors: [{ message: `status ${status}: ${text.slice(0, 200)}` }] };
}

function jsonOf(text: string): Answer | null {
  try {
    return JSON.parse(text) as Answer;
  } catch {
    return null;
  }
}
