// The executor: whatever a document asks and whatever resolvers do, the answer is that of the reference implementation.

import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import {
  buildSchema,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  parse,
  type ValidatedExecutionArgs,
  validate,
  validateExecutionArgs,
} from 'graphql';
import { expect, test } from 'vitest';
import { executeRequest } from '../../src/graphql/execute/executor.ts';
import { anyOperation, documentOf, schema } from './random-operations.ts';

/** A request that fits its schema. */
function requestOf(args: ExecutionArgs): ValidatedExecutionArgs {
  const request = validateExecutionArgs(args);
  if (!('schema' in request)) throw request[0];
  return request;
}

/** True for a place inside of what the answer has as null: of what failed there, any part may be told. */
function isGone(path: readonly (string | number)[], data: unknown): boolean {
  let value = data;
  for (const key of path.slice(0, -1)) {
    if (value === null || value === undefined) return true;
    value = (value as Record<string | number, unknown>)[key];
  }
  return value === null || value === undefined;
}

/** Messages that are the executor's own differ; those of resolvers do not. */
const ofResolvers = /^(thrown|returned|rejected|Cannot return null)/;

/** An answer in one form: the data with the order of its names, and the errors at the places that are left. */
const told = ({ data, errors = [] }: ExecutionResult) => ({
  data: JSON.stringify(data),
  isWhole: errors.length === 0,
  errors: errors
    .filter(({ path = [] }) => !isGone(path, data))
    .map(({ path, locations, message }) =>
      JSON.stringify([path, locations, ofResolvers.test(message) ? message : '']),
    )
    .sort(),
});

test('whatever is asked and whatever resolvers do, the answer is that of graphql-js, to the order of names', async () => {
  let failed = 0;
  let plain = 0;
  await fc.assert(
    fc.asyncProperty(
      anyOperation,
      fc.nat(),
      fc.boolean(),
      fc.boolean(),
      fc.boolean(),
      async (text, seed, calm, a, b) => {
        const document = parse(documentOf(text));
        fc.pre(validate(schema, document).length === 0);
        const args = {
          schema,
          document,
          variableValues: { a, b },
          contextValue: { seed, calm, isReference: false },
        };
        const request = requestOf(args);
        const ours = told(await executeRequest(request, { millions: 16 }));
        expect(ours).toEqual(
          told(await execute({ ...args, contextValue: { seed, calm, isReference: true } })),
        );
        if (ours.isWhole) plain++;
        else failed++;
      },
    ),
    { numRuns: 500 },
  );
  expect(failed).toBeGreaterThan(60);
  expect(plain).toBeGreaterThan(60);
});

test('fields of a mutation begin when the one before has ended', async () => {
  const counting = buildSchema('type Query { none: Int } type Mutation { next(waits: Boolean): Int! }');
  let begun = 0;
  let ended = 0;
  const next = counting.getMutationType()?.getFields().next;
  if (next)
    next.resolve = async (_source, { waits }) => {
      expect(begun++).toBe(ended);
      if (waits) await setImmediate();
      return ++ended;
    };
  const document = parse('mutation { one: next(waits: true) two: next three: next(waits: true) }');
  const request = requestOf({ schema: counting, document });
  expect(await executeRequest(request, { millions: 16 })).toEqual({ data: { one: 1, two: 2, three: 3 } });
});

test('every choice of conditions is answered by itself', async () => {
  const names = Array.from({ length: 5 }, (_, i) => `v${i}`);
  const document = parse(`query (${names.map((name) => `$${name}: Boolean!`)}) {
    ${names.map((name) => `${name}: __typename @include(if: $${name})`).join(' ')} last: __typename
  }`);
  for (let choice = 31; choice >= 0; choice--) {
    const variableValues = Object.fromEntries(names.map((name, i) => [name, Boolean(choice & (1 << i))]));
    const request = requestOf({ schema, document, variableValues });
    const { data } = await executeRequest(request, { millions: 16 });
    const chosen = names.filter((name) => variableValues[name]);
    expect(Object.keys(data ?? {})).toEqual([...chosen, 'last']);
  }
});

test('a condition that is null fails, and spoils nothing for who gives it next', async () => {
  const document = parse(
    'query ($a: Boolean = true) { here: __typename @include(if: $a) always: __typename }',
  );
  const answerTo = async (a: boolean | null) => {
    const request = requestOf({ schema, document, variableValues: { a } });
    return executeRequest(request, { millions: 16 });
  };
  const refused = { data: null, errors: [{ extensions: { code: 'BAD_REQUEST' } }] };
  expect(await answerTo(null)).toMatchObject(refused);
  expect(await answerTo(false)).toEqual({ data: { always: 'Query' } });
  expect(await answerTo(null)).toMatchObject(refused);
});

test('conditions of one operation are nothing to another that has a variable of the same name', async () => {
  const document = parse(`
    query One($a: Boolean!) { name @skip(if: $a) ...Two }
    query Other($a: Int!) { often: name(times: $a) }
    fragment Two on Query { __typename @include(if: $a) }
  `);
  const operation = (operationName: string, a: unknown) =>
    executeRequest(
      requestOf({
        schema,
        document,
        operationName,
        variableValues: { a },
        contextValue: { seed: 1, calm: true, isReference: false },
      }),
      { millions: 16 },
    );
  expect(Object.keys((await operation('Other', 3)).data ?? {})).toEqual(['often']);
  expect(Object.keys((await operation('One', true)).data ?? {})).toEqual(['__typename']);
  expect(Object.keys((await operation('One', false)).data ?? {})).toEqual(['name']);
});

test('an answer that becomes too long ends a query at once, and a mutation when all of it is done', async () => {
  const long = buildSchema('type Query { text: String } type Mutation { text: String }');
  let calls = 0;
  for (const type of [long.getQueryType(), long.getMutationType()]) {
    const text = type?.getFields().text;
    if (text) text.resolve = () => `call ${++calls} ${'x'.repeat(1_000)}`;
  }
  const fields = Array.from({ length: 10 }, (_, i) => `f${i}: text`).join(' ');
  const codes = async (kind: string, millions: number) => {
    calls = 0;
    const { data, errors } = await executeRequest(
      requestOf({ schema: long, document: parse(`${kind} { ${fields} }`) }),
      { millions },
    );
    return { calls, has: data !== undefined, codes: errors?.map(({ extensions }) => extensions.code) };
  };
  expect(await codes('query', 0.02)).toEqual({ calls: 10, has: true, codes: undefined });
  expect(await codes('query', 0.005)).toEqual({ calls: 5, has: false, codes: ['TOO_COSTLY'] });
  expect(await codes('mutation', 0.005)).toEqual({ calls: 10, has: false, codes: ['TOO_COSTLY'] });
});
