// Random operations of a small schema whose resolvers answer, refuse, fail and wait as chance has it.

import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { buildSchema, type GraphQLFieldResolver, isObjectType, responsePathAsArray } from 'graphql';

/** Things that refer to each other in all ways that a schema knows. */
export const schema = buildSchema(`
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

/** What resolvers go by. */
interface Chance {
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
  (listed: boolean, typeName: string): GraphQLFieldResolver<unknown, Chance> =>
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

/** A query or a mutation, as far as its braces. */
export const anyOperation = fc.oneof(
  { weight: 4, arbitrary: selections('Query', 4) },
  { weight: 1, arbitrary: selections('Mutation', 3).map((set) => `mutation${set}`) },
);

const NAMED = 'fragment Named on Thing { name colour __proto__: colour }';

/** The document of an operation, with the variables and the fragment that it uses. */
export function documentOf(text: string): string {
  const [, kind = 'query', set = ''] = /^(mutation)?(.*)$/.exec(text) ?? [];
  const variables = ['$a: Boolean!', '$b: Boolean = true', '$times: Int! = 2'].filter((declared) =>
    new RegExp(`\\${declared.split(':')[0]}\\b`).test(set),
  );
  const declared = variables.length > 0 ? `(${variables.join()})` : '';
  return `${kind} ${declared} ${set} ${set.includes('...Named') ? NAMED : ''}`;
}
