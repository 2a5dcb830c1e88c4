// A small client of the public GraphQL API over HTTP: retries while the server is away, and sends acts in batches.

import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';

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

/** The server answered, and what it answered is of no use. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly codes: readonly string[];

  constructor(message: string, codes: readonly string[] = []) {
    super(message);
    this.codes = codes;
  }
}

const BATCH = 25;
const CONCURRENCY = 4;
const PATIENCE_MS = 60_000;
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

/** Send a request until it is answered. Repeating is safe: what changes things has a key, or a state that is checked. */
async function send(url: string, token: string | null, body: object, signal?: AbortSignal): Promise<Answer> {
  const deadline = Date.now() + PATIENCE_MS;
  for (let pause = 200; ; pause = Math.min(2_000, pause * 2)) {
    signal?.throwIfAborted();
    const answer = await attempt(url, token, body);
    if (!('away' in answer)) return answer;
    if (Date.now() > deadline) throw new ApiError(`${url} cannot be reached: ${answer.away}`);
    await sleep(pause, undefined, signal ? { signal } : {});
  }
}

async function attempt(url: string, token: string | null, body: object): Promise<Answer | { away: string }> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        accept: 'application/graphql-response+json',
        'content-type': 'application/json',
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
    });
    if (response.status === 429 || response.status === 503) {
      await response.body?.cancel();
      return { away: `status ${response.status}` };
    }
    const text = await response.text();
    return jsonOf(text) ?? { errors: [{ message: `status ${response.status}: ${text.slice(0, 200)}` }] };
  } catch (error) {
    return { away: reasonOf(error) };
  }
}

function jsonOf(text: string): Answer | null {
  try {
    return JSON.parse(text) as Answer;
  } catch {
    return null;
  }
}

/** What a failed fetch says, which hides it in its cause. */
function reasonOf(error: unknown): string {
  const { cause, message } = error as Error & { cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? message;
}
