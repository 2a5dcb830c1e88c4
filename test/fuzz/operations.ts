// Operations made up from the schema: valid ones, ones with a mistake in them, and hostile ones. By a seed, so that each
// can be made again.

import {
  type GraphQLArgument,
  type GraphQLInputType,
  type GraphQLNamedOutputType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';

export interface Operation {
  query: string;
  variables?: unknown;
  operationName?: string;
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Texts that break what does not expect them. */
const hostile: readonly string[] = [
  '',
  ' ',
  '\u0000',
  '\ud800',
  '𠜎'.repeat(300),
  '\'; DROP TABLE "order"; --',
  '{{7*7}}',
  '../../etc/passwd',
  '<script>alert(1)</script>',
  '9'.repeat(400),
  '-1',
  '1e309',
  'NaN',
  '\u202eabc',
  '%00',
  '{"$gt":""}',
  'T3JkZXI6',
  'T3JkZXI6MDAwMDAwMDAtMDAwMC0wMDAwLTAwMDAtMDAwMDAwMDAwMDAw',
];

/** Arguments that go together in few ways only. */
const paging = new Set(['last', 'after', 'before']);

const numbers = ['0', '-1', '1', '100', '101', '2147483647', '-2147483648', '99999999999', '1.5', '1e400'];

/** Makes operations of a schema. `ids` are ids of things that exist. */
export function operationsOf(schema: GraphQLSchema, random: () => number, ids: readonly string[]) {
  const chance = (probability: number) => random() < probability;
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;

  const text = (): string => {
    if (chance(0.3)) return pick(hostile);
    return chance(0.5) ? pick(ids) : `t${Math.floor(random() * 1e6)}`;
  };

  /** An id of what a name asks for (`orderId`), where there is one. */
  const idFor = (name: string): string => {
    const type = name.replace(/Ids?$/, '').toLowerCase();
    const fitting = ids.filter((id) =>
      Buffer.from(id, 'base64url').toString().toLowerCase().startsWith(`${type}:`),
    );
    return pick(fitting.length > 0 && chance(0.9) ? fitting : ids);
  };

  /** A literal of a type; now and then of another. */
  const literal = (type: GraphQLInputType, depth: number, name: string): string => {
    if (chance(0.02)) return pick(['null', '{}', '[]', '"x"', '7', 'true', 'NOTHING', '$nobody']);
    if (isNonNullType(type)) return literal(type.ofType, depth, name);
    if (isListType(type))
      return `[${Array.from({ length: Math.floor(random() * 3) }, () => literal(type.ofType, depth + 1, name)).join(', ')}]`;
    if (isEnumType(type)) return pick(type.getValues()).name;
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields()).filter(
        (field) => isRequiredInputField(field) || (depth < 4 && chance(type.isOneOf ? 0 : 0.4)),
      );
      const given = type.isOneOf ? [pick(Object.values(type.getFields()))] : fields;
      return `{${given.map((field) => `${field.name}: ${literal(field.type, depth + 1, field.name)}`).join(', ')}}`;
    }
    switch (type.name) {
      case 'Int':
      case 'Float':
        return chance(0.9) ? String(1 + Math.floor(random() * 20)) : pick(numbers);
      case 'Boolean':
        return pick(['true', 'false']);
      case 'ID':
        return JSON.stringify(chance(0.9) ? idFor(name) : text());
      case 'DateTime':
        return JSON.stringify(chance(0.7) ? '2026-05-01T00:00:00Z' : text());
      case 'Decimal':
        return JSON.stringify(chance(0.7) ? pick(['0', '1.00', '-1', '0.001', '99999999999999999']) : text());
      default:
        return JSON.stringify(text());
    }
  };

  const argumentsOf = (args: readonly GraphQLArgument[]): string => {
    const given = args.filter((arg) => isRequiredArgument(arg) || chance(paging.has(arg.name) ? 0.03 : 0.35));
    if (given.length === 0) return '';
    return `(${given.map((arg) => `${arg.name}: ${literal(arg.type, 0, arg.name)}`).join(', ')})`;
  };

  const selection = (type: GraphQLNamedOutputType, depth: number): string => {
    if (!isCompositeType(type)) return '';
    if (isAbstractType(type) && (!('getFields' in type) || chance(0.6))) {
      const own = pick(schema.getPossibleTypes(type) as readonly GraphQLObjectType[]);
      return ` { __typename ... on ${own.name}${selection(own, depth)} }`;
    }
    const fields = 'getFields' in type ? Object.values(type.getFields()) : [];
    const wanted = fields.filter((field) => {
      const leaf = !isCompositeType(getNamedType(field.type));
      return leaf ? chance(0.3) : depth > 0 && chance(3 / fields.length);
    });
    const parts = wanted
      .slice(0, 8)
      .map(
        (field) => `${field.name}${argumentsOf(field.args)}${selection(getNamedType(field.type), depth - 1)}`,
      );
    return ` { __typename ${parts.join(' ')} }`;
  };

  const valid = (kind: 'query' | 'mutation'): string => {
    const root = kind === 'query' ? schema.getQueryType() : schema.getMutationType();
    const field = pick(Object.values(root?.getFields() ?? {}));
    return `${kind} { ${field.name}${argumentsOf(field.args)}${selection(getNamedType(field.type), 1 + Math.floor(random() * 4))} }`;
  };

  /** A document with a piece cut out, doubled or replaced. */
  const broken = (document: string): string => {
    const at = Math.floor(random() * document.length);
    const length = Math.floor(random() * 12);
    const piece = pick([
      '',
      '{',
      '}',
      '"',
      '@skip',
      '...',
      '\u0000',
      '$',
      '(first: 5)',
      '__typename',
      '"""',
      '\\u',
    ]);
    return document.slice(0, at) + piece + document.slice(at + length);
  };

  const nasty = (): Operation =>
    pick<() => Operation>([
      () => ({ query: `{ ${'a: __typename '.repeat(1 + Math.floor(random() * 200))} }` }),
      () => ({ query: `{${'stores{edges{node{listings{edges{node{'.repeat(10)}id${'}'.repeat(60)}}` }),
      () => ({ query: 'query { ...A } fragment A on Query { ...B } fragment B on Query { ...A }' }),
      () => ({ query: `{ __typename ${'@skip(if: false) '.repeat(1 + Math.floor(random() * 80))} }` }),
      () => ({ query: '{'.repeat(1 + Math.floor(random() * 6_000)) }),
      () => ({ query: valid('query'), operationName: text() }),
      () => ({
        query: 'query ($x: [ID!]!) { nodes(ids: $x) { id } }',
        variables: { x: Array(150).fill(text()) },
      }),
      () => ({ query: 'query ($x: ID!) { node(id: $x) { id } }', variables: { x: { a: [text()] } } }),
      () => ({
        query: 'query ($x: Int) { stores(first: $x) { edges { node { id } } } }',
        variables: { x: pick([1e9, -5, 1.5, '5', null]) },
      }),
      () => ({ query: valid('query'), variables: pick<unknown>([[], 'x', 7, null, { __proto__: 1 }]) }),
      () => ({ query: `subscription { orderEvents(after: ${JSON.stringify(text())}) { type } }` }),
      () => ({ query: pick<unknown>([null, 7, [], {}, '']) as string }),
    ])();

  return (): Operation => {
    const kind = random();
    if (kind < 0.55) return { query: valid('query') };
    if (kind < 0.75) return { query: valid('mutation') };
    if (kind < 0.9) return { query: broken(valid(chance(0.7) ? 'query' : 'mutation')) };
    return nasty();
  };
}
