// The executor: whatever a document asks and whatever resolvers do, the answer is that of the reference implementation.

import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import {
  buildSchema,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type GraphQLFieldResolver,
  isObjectType,
  parse,
  responsePathAsArray,
  type ValidatedExecutionArgs,
  validate,
  validateExecutionArgs,
} from 'graphql';
import { expect, test } from 'vitest';
import { executeRequest } from '../../src/graphql/execute/executor.ts';

/** A request that fits its schema. */
function requestOf(args: ExecutionArgs): ValidatedExecutionArgs {
  const request = validateExecutionArgs(args);
  if (!('schema' in request)) throw request[0];
  return request;
}

const schema = buildSchema(`
  enum Colour { RED BLUE }
  interface Thing { name(loud: Boolean = false, times: Int): String! colour: Colour one: Thing must: Thing! }
  type Book implements Thing {
    name(loud: Boolean = false, times: Int): String! colour: Colour one: Thing must: Thing! either: Either
    pages: Int! things(first: Int! = 2): [Thing] all: [Thing!] every: [Thing!]! table: [[Int!]]
  }
  type Pen implements Thing {
    name(loud: Boolean = false, times: Int): String! colour: Colour one: Thing must: Thing! either: Either! ink: Float
  }
  union Either = Book | Pen
  type Query { thing: Thing book: Book! things(first: Int! = 2): [Thing!]! either: Either name(loud: Boolean = false, times: Int): String! }
  type Mutation { book: Book pen: Pen! again: Thing }
`);

/** What happens at a place: always the same there, whoever executes. */
function fate(seed: number, path: string): number {
  return createHash('md5').update(`${seed} ${path}`).digest().readUInt32BE() / 2 ** 32;
}

interface Told {
  seed: number;
  /** Nothing goes wrong. */
  calm: boolean;
  isReference: boolean;
}

/** The reference implementation leaves rejections alone that nobody waits for any more; ours may not. */
function rejected(at: string, isReference: boolean): Promise<never> {
  const promise = Promise.reject<never>(new Error(`rejected at ${at}`));
  if (isReference) promise.catch(() => {});
  return promise;
}

/** A resolver whose values, nulls, errors and delays follow from the seed and the place. */
const resolverOf =
  (listed: boolean, typeName: string): GraphQLFieldResolver<unknown, Told> =>
  (_source, args, { seed, calm, isReference }, info) => {
    const path = responsePathAsArray(info.path).join('.');
    const roll = (about: string) => fate(seed, `${path} ${about} ${JSON.stringify(args)}`);
    const one = (at: string): unknown => {
      const luck = calm ? 1 : roll(`luck ${at}`);
      if (luck < 0.04) return null;
      if (luck < 0.07) return new Error(`returned at ${at}`);
      const value = valueFor(typeName, roll(`value ${at}`));
      if (luck < 0.1) return rejected(at, isReference);
      return roll(`delay ${at}`) < 0.2 ? setImmediate(value) : value;
    };
    const luck = calm ? 1 : roll('luck');
    if (luck < 0.03) throw new Error(`thrown at ${path}`);
    if (luck < 0.05) return listed ? 'no list' : undefined;
    if (!listed) return one(path);
    const items = Array.from({ length: Number(args.first ?? 2) }, (_, i) => one(`${path}.${i}`));
    return roll('list') < 0.3 ? Promise.resolve(items) : items;
  };

function valueFor(typeName: string, chance: number): unknown {
  if (typeName === 'Int') return Math.floor(chance * 100);
  if (typeName === 'Float') return chance < 0.1 ? 'no number' : chance;
  if (typeName === 'String') return `text ${chance}`;
  if (typeName === 'Colour') return chance < 0.1 ? 'GREEN' : chance < 0.5 ? 'RED' : 'BLUE';
  if (typeName === 'row') return [1, chance < 0.2 ? null : 2, chance < 0.1 ? 'x' : 3];
  const name =
    typeName === 'Book' || typeName === 'Pen'
      ? typeName
      : chance < 0.05
        ? 'Cup'
        : chance < 0.5
          ? 'Book'
          : 'Pen';
  return { __typename: name };
}

for (const type of Object.values(schema.getTypeMap()))
  if (isObjectType(type) && !type.name.startsWith('__'))
    for (const field of Object.values(type.getFields())) {
      const text = String(field.type);
      const named = text.replaceAll(/[[\]!]/g, '');
      field.resolve = resolverOf(text.includes('['), text.includes('[[') ? 'row' : named);
    }

const CONDITIONS = [
  '',
  '',
  '',
  '',
  ' @skip(if: $a)',
  ' @include(if: $b)',
  ' @include(if: true)',
  ' @skip(if: $b)',
];
const condition = fc.constantFrom(...CONDITIONS);

/** Fields without and with fields inside of them, each under a name of its own. */
const leaves: Record<string, string[]> = {
  Thing: [
    'name',
    'loud: name(loud: true)',
    'often: name(times: $times)',
    'colour',
    '__proto__: colour',
    '__typename',
  ],
  Book: ['pages', 'table', 'name', 'sheets: pages'],
  Pen: ['ink', 'name'],
  Either: ['__typename'],
  Query: ['name', 'thrice: name(times: 3)', '__typename'],
  Mutation: ['__typename'],
};
const inner: Record<string, [field: string, type: string][]> = {
  Thing: [
    ['one', 'Thing'],
    ['other: one', 'Thing'],
    ['must', 'Thing'],
  ],
  Book: [
    ['one', 'Thing'],
    ['must', 'Thing'],
    ['either', 'Either'],
    ['things', 'Thing'],
    ['many: things(first: $times)', 'Thing'],
    ['all', 'Thing'],
    ['every', 'Thing'],
  ],
  Pen: [
    ['one', 'Thing'],
    ['sure: either', 'Either'],
  ],
  Either: [],
  Query: [
    ['thing', 'Thing'],
    ['book', 'Book'],
    ['things', 'Thing'],
    ['either', 'Either'],
  ],
  Mutation: [
    ['book', 'Book'],
    ['pen', 'Pen'],
    ['again', 'Thing'],
  ],
};

function selections(type: string, depth: number): fc.Arbitrary<string> {
  const leaf = fc.tuple(fc.constantFrom(...(leaves[type] ?? [])), condition).map((parts) => parts.join(''));
  if (depth === 0)
    return fc.array(leaf, { minLength: 1, maxLength: 3 }).map((some) => `{ ${some.join(' ')} }`);
  const objects = (inner[type] ?? []).map(([field, of]) =>
    fc.tuple(condition, selections(of, depth - 1)).map(([when, set]) => `${field}${when} ${set}`),
  );
  const narrower = ['Thing', 'Either'].includes(type) ? ['Book', 'Pen', 'Thing'] : [];
  const fragments = narrower.map((of) =>
    fc.tuple(condition, selections(of, depth - 1)).map(([when, set]) => `... on ${of}${when} ${set}`),
  );
  const spread = narrower.length > 0 ? [condition.map((when) => `...Named${when}`)] : [];
  return fc
    .array(fc.oneof(leaf, ...objects, ...fragments, ...spread), { minLength: 1, maxLength: 5 })
    .map((some) => `{ ${some.join(' ')} }`);
}

const operation = fc.oneof(
  { weight: 4, arbitrary: selections('Query', 4) },
  { weight: 1, arbitrary: selections('Mutation', 3).map((set) => `mutation${set}`) },
);

const NAMED = 'fragment Named on Thing { name colour __proto__: colour }';

function documentOf(text: string): string {
  const [, kind = 'query', set = ''] = /^(mutation)?(.*)$/.exec(text) ?? [];
  const variables = ['$a: Boolean!', '$b: Boolean = true', '$times: Int! = 2'].filter((declared) =>
    new RegExp(`\\${declared.split(':')[0]}\\b`).test(set),
  );
  const declared = variables.length > 0 ? `(${variables.join()})` : '';
  return `${kind} ${declared} ${set} ${set.includes('...Named') ? NAMED : ''}`;
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
      operation,
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

test('more choices of conditions than are kept are answered as well', async () => {
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
  expect(await answerTo(null)).toMatchObject({ data: null, errors: [{}] });
  expect(await answerTo(false)).toEqual({ data: { always: 'Query' } });
  expect(await answerTo(null)).toMatchObject({ data: null, errors: [{}] });
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
