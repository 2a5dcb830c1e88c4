// A caller of the API over HTTP, WebSocket and SSE, as a front end or a partner would write it.

import { type GraphQLFormattedError, parse } from 'graphql';
import { type Door, openSocketStream, openSseStream, type Stream } from './stream.ts';

export interface UserError {
  code: string;
  message: string;
  path: readonly string[];
  [data: string]: unknown;
}

export interface Answer<Data> {
  status: number;
  headers: Headers;
  data: Data | null;
  errors: readonly GraphQLFormattedError[];
  extensions: Readonly<Record<string, unknown>>;
}

type Variables = Record<string, unknown>;
type Fields = Record<string, unknown>;

export interface RunOptions {
  headers?: Record<string, string>;
  operationName?: string;
}

export interface Client {
  readonly token: string | null;
  /** Global id of the member of staff behind the token, where `given.staff` or the login told. */
  readonly staffId: string | null;
  /** Global id of the customer behind the token, where `given.customer` told. */
  readonly customerId: string | null;
  /** Send an operation; the answer, whatever it is. */
  run<Data = Fields>(document: string, variables?: Variables, options?: RunOptions): Promise<Answer<Data>>;
  /** The data. Fails on errors and on `userErrors`, which a mutation must select. */
  ok<Data = Fields>(document: string, variables?: Variables, options?: RunOptions): Promise<Data>;
  /** The `userErrors` of a mutation that must be refused. Fails when it was done. */
  refused(document: string, variables?: Variables): Promise<readonly UserError[]>;
  /** Do a mutation by its name: `act('locationOpen', input, 'location { id code }')`. Its payload; fails on refusals. */
  act<Payload = Fields>(mutation: string, input: Variables, selection?: string): Promise<Payload>;
  /** Try a mutation by its name that must be refused; its `userErrors` with what `selection` adds to them. */
  refusal(mutation: string, input: Variables, selection?: string): Promise<readonly UserError[]>;
  /** Codes of the top-level errors of an operation. */
  codes(document: string, variables?: Variables): Promise<readonly unknown[]>;
  /** Subscribe over WebSocket, graphql-ws. */
  subscribe<Data = Fields>(document: string, variables?: Variables): Stream<Data>;
  /** Subscribe over SSE, graphql-sse. */
  subscribeSse<Data = Fields>(document: string, variables?: Variables): Stream<Data>;
  /** The same caller in another language. */
  speaking(language: string): Client;
}

/** Who is behind a token, as far as the test knows. */
export type Identity = Partial<Pick<Client, 'staffId' | 'customerId'>>;

/** A caller with a token, or nobody known. */
export function clientAt(door: Door, identity: Identity = {}): Client {
  const client: Client = {
    token: door.token,
    staffId: null,
    customerId: null,
    ...identity,
    run: (document, variables, options) => post(door, document, variables, options),

    async ok<Data>(document: string, variables?: Variables, options?: RunOptions) {
      const answer = await post<Data>(door, document, variables, options);
      if (answer.errors.length > 0 || answer.data === null)
        throw failure(document, answer.status, answer.errors);
      for (const found of problemsOf(document, answer.data))
        if (found.length > 0) throw failure(document, 200, found);
      return answer.data;
    },

    async refused(document, variables) {
      const answer = await post<Fields>(door, document, variables);
      if (answer.errors.length > 0 || answer.data === null)
        throw failure(document, answer.status, answer.errors);
      const found = problemsOf(document, answer.data).flat();
      if (found.length === 0) throw new Error(`was not refused: ${JSON.stringify(answer.data)}`);
      return found;
    },

    async act<Payload>(mutation: string, input: Variables, selection = '') {
      const document = mutationOf(mutation, `${selection} userErrors { code message path }`);
      const data = await client.ok<Record<string, Payload>>(document, { input });
      return data[mutation] as Payload;
    },

    refusal: (mutation, input, selection = '') =>
      client.refused(mutationOf(mutation, `userErrors { __typename code message path ${selection} }`), {
        input,
      }),

    async codes(document, variables) {
      const answer = await post(door, document, variables);
      return answer.errors.map((error) => error.extensions?.code);
    },

    subscribe: (query, variables) => openSocketStream(door, { query, ...(variables ? { variables } : {}) }),
    subscribeSse: (query, variables) => openSseStream(door, { query, ...(variables ? { variables } : {}) }),
    speaking: (language) => clientAt({ ...door, language }, identity),
  };
  return client;
}

const mutationOf = (name: string, selection: string): string => {
  const inputType = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  return `mutation ${name}($input: ${inputType}!) { ${name}(input: $input) { ${selection} } }`;
};

async function post<Data>(
  door: Door,
  query: string,
  variables?: Variables,
  { headers = {}, operationName }: RunOptions = {},
): Promise<Answer<Data>> {
  const response = await fetch(door.url, {
    method: 'POST',
    headers: {
      accept: 'application/graphql-response+json',
      'content-type': 'application/json',
      ...(door.token === null ? {} : { authorization: `Bearer ${door.token}` }),
      ...(door.language ? { 'accept-language': door.language } : {}),
      ...headers,
    },
    body: JSON.stringify({ query, variables, operationName }),
  });
  const text = await response.text();
  const body = parseBody(text, response.status) as Partial<Answer<Data>>;
  return {
    status: response.status,
    headers: response.headers,
    data: body.data ?? null,
    errors: body.errors ?? [],
    extensions: body.extensions ?? {},
  };
}

function parseBody(text: string, status: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`status ${status}, and no JSON: ${text.slice(0, 500)}`);
  }
}

/** The `userErrors` of each root field of a mutation. */
function problemsOf(document: string, data: unknown): (readonly UserError[])[] {
  if (!isMutation(document)) return [];
  return Object.entries(data as Record<string, { userErrors?: readonly UserError[] }>).map(
    ([name, payload]) => {
      if (!payload?.userErrors) throw new Error(`select userErrors of ${name}, or a refusal goes unseen`);
      return payload.userErrors;
    },
  );
}

const isMutation = (document: string): boolean =>
  parse(document).definitions.some(
    (one) => one.kind === 'OperationDefinition' && one.operation === 'mutation',
  );

const failure = (document: string, status: number, errors: readonly unknown[]): Error =>
  new Error(`${document.trim().split('\n')[0]} was answered ${status} with ${JSON.stringify(errors)}`);
