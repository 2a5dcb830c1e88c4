// Plans of reads: whatever a document asks of rows, they are read by the query that Pothos makes for it.

import { queryFromInfo } from '@pothos/plugin-prisma';
import fc from 'fast-check';
import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  getNamedType,
  isObjectType,
  isRequiredArgument,
  parse,
  validate,
  validateExecutionArgs,
} from 'graphql';
import { afterAll, describe, expect, test } from 'vitest';
import { type Actor, anonymous, shopperPermissions, systemActor } from '../../src/core/actor.ts';
import { newId, toGlobalId } from '../../src/core/ids.ts';
import { OURS, type Query, Row, type Select, type Shape } from '../../src/core/reads/rows.ts';
import { tablesOf } from '../../src/core/reads/tables.ts';
import { readMany } from '../../src/core/reads.ts';
import { setClock } from '../../src/core/time.ts';
import type { Context } from '../../src/graphql/context.ts';
import { Info, Run } from '../../src/graphql/execute/run.ts';
import { rootFieldsOf } from '../../src/graphql/execute/selections.ts';
import { holderOf } from '../../src/graphql/loaded-selections.ts';
import { NODES } from '../../src/graphql/page.ts';
import { type Asked, askedAt } from '../../src/graphql/plan/asked.ts';
import { isPlanned } from '../../src/graphql/plan/planned.ts';
import { ownQuery, type SelectFunction, selectionOf } from '../../src/graphql/plan.ts';
import { schema } from '../../src/schema.ts';

// Plans filter by the present moment, which is to be the same for both.
setClock(() => Date.UTC(2026, 4, 1));
afterAll(() => setClock());

const staff: Actor = { ...systemActor('http'), kind: 'STAFF', id: newId() };
const actors = {
  staff,
  'an order clerk of one store': {
    ...staff,
    permissions: new Set(['orders.read']),
    stores: new Set([newId()]),
    locations: new Set([newId()]),
  },
  'a customer': anonymous({ kind: 'CUSTOMER', id: newId(), permissions: shopperPermissions() }),
};

type Field = GraphQLField<unknown, unknown>;

/** Values for arguments; fields that need others are not asked for. */
const values: Readonly<Record<string, readonly string[]>> = {
  first: ['1', '2', '5'],
  currency: ['"CNY"', '"EUR"'],
  storeId: [`"${toGlobalId('Store', newId())}"`],
};

const fieldsOf = (type: GraphQLObjectType): Field[] =>
  Object.values(type.getFields()).filter(({ args }) =>
    args.every((arg) => arg.name in values || !isRequiredArgument(arg)),
  );

const modelOf = (type: GraphQLNamedType): unknown => type.extensions.pothosPrismaModel;

/** A field with arguments, now and then under a condition. */
function asked(field: Field, depth: number): fc.Arbitrary<string> {
  const type = getNamedType(field.type);
  const args = field.args.flatMap(({ name }) =>
    values[name] ? [fc.constantFrom(...values[name].map((value) => `${name}: ${value}`))] : [],
  );
  return fc
    .tuple(
      fc.tuple(...args),
      fc.constantFrom('', '', '', ' @include(if: $yes)', ' @skip(if: $yes)'),
      isObjectType(type) ? selection(type, depth) : fc.constant(''),
    )
    .map(([given, condition, inside]) => {
      const written = given.length > 0 ? `(${given.join(', ')})` : '';
      return `${field.name}${written}${condition}${inside}`;
    });
}

/** What is asked of objects, each under a name of its own. Only objects of models count as deeper. */
function selection(type: GraphQLObjectType, depth: number): fc.Arbitrary<string> {
  const below = modelOf(type) ? depth - 1 : depth;
  const fields = fieldsOf(type).filter(({ type }) => depth > 0 || !isObjectType(getNamedType(type)));
  const any = (name: string, maxLength: number) =>
    fc
      .array(
        fc.constantFrom(...fields).chain((field) => asked(field, below)),
        { maxLength },
      )
      .map((texts) => texts.map((text, i) => `${name}${i}: ${text}`).join(' '));
  return fc
    .tuple(any('a', 6), any('b', 2))
    .map(([own, more]) => ` { __typename ${own} ... on ${type.name} { __typename ${more} } }`);
}

/** The type of the objects of a list. */
function nodeOf(connection: GraphQLNamedType): GraphQLNamedType | undefined {
  const innerOf = (type: GraphQLNamedType | undefined, name: string) => {
    const field = isObjectType(type) ? type.getFields()[name] : undefined;
    return field && getNamedType(field.type);
  };
  return innerOf(innerOf(connection, 'edges'), 'node');
}

const lists = fieldsOf(schema.getQueryType() as GraphQLObjectType).flatMap(({ name, type }) => {
  const node = nodeOf(getNamedType(type));
  return isObjectType(node) && modelOf(node) ? [{ name, node }] : [];
});

const anyOperation = fc.constantFrom(...lists).chain(({ name, node }) =>
  fc.tuple(selection(node, 3), selection(node, 1)).map(([one, other]) => ({
    typeName: node.name,
    text: `query ($yes: Boolean!) {
      __typename @skip(if: $yes)
      list: ${name} { edges { node${one} } more: edges { node${other} } }
    }`,
  })),
);

/** A plan in one form, without what only statements of ours read. */
function told(query: unknown): unknown {
  if (typeof query === 'bigint') return String(query);
  if (typeof query !== 'object' || query === null || query instanceof Date) return query;
  if (Array.isArray(query)) return query.map(told);
  const known = Object.entries(query).filter(([name, value]) => value !== undefined && !OURS.includes(name));
  return Object.fromEntries(known.map(([name, value]) => [name, told(value)]));
}

/** A query that is planned for the objects of a list, and what it is planned of. */
interface Plan {
  context: Context;
  infoOf: (field: Asked) => Info;
  list: Asked;
  wish: { typeName: string; path: readonly string[]; select: Select };
  query: Query;
}

/** Check the plans of many operations. Answers how many of what `check` counts there was. */
function checkPlans(actor: Actor, check: (plan: Plan) => number): number {
  let count = 0;
  fc.assert(
    fc.property(anyOperation, fc.boolean(), ({ text, typeName }, yes) => {
      const document = parse(text);
      expect(validate(schema, document)).toEqual([]);
      const context: Context = { actor, signal: new AbortController().signal, extensions: {} };
      const variableValues = { yes };
      const request = validateExecutionArgs({ schema, document, variableValues, contextValue: context });
      if (!('schema' in request)) throw request[0];
      const run = new Run(request, 1, undefined);
      const infoOf = (field: Asked) => new Info(run, field, undefined);
      const list = rootFieldsOf(request).at(-1) as Asked;
      const wish = { typeName, path: NODES, select: { id: true } };
      const query = ownQuery(context, infoOf(list), wish);
      if (query) count += check({ context, infoOf, list, wish, query });
    }),
    { numRuns: 500 },
  );
  return count;
}

describe.each(Object.entries(actors))('for %s', (_name, actor) => {
  test('what is asked of rows is planned as Pothos plans it', () => {
    const plans = checkPlans(actor, ({ context, infoOf, list, wish, query }) => {
      const theirs = queryFromInfo({ context, info: infoOf(list), ...wish } as never);
      expect(told(query)).toEqual(told(theirs));
      return 1;
    });
    // Left to Pothos is one relation of which one field selects all columns and another one some.
    expect(plans).toBeGreaterThan(450);
  });

  test('rows that were planned for a field hold all that it selects', () => {
    const fields = checkPlans(actor, ({ context, infoOf, list, wish, query }) => {
      const type = schema.getType(wish.typeName) as GraphQLObjectType;
      const model = String(modelOf(type));
      const shape = shapeOf(model, query);
      let count = 0;
      for (const node of askedAt([list], NODES) ?? [])
        for (const asked of node.inside(type)) {
          const { pothosPrismaSelect: select } = asked.definition.extensions;
          if (typeof select !== 'function' || !isPlanned(shape.select, asked, context)) continue;
          const selection = selectionOf(select as SelectFunction, context, infoOf(asked));
          expect(selection && holderOf(model, selection)?.(shape)).toBe(true);
          count++;
        }
      return count;
    });
    expect(fields).toBeGreaterThan(200);
  });
});

const tables = tablesOf({});

/** What rows hold that a query reads. */
const shapeOf = (model: string, query: Query): Shape =>
  Row.shapeOf(readMany(tables, model, query).rowOf(Array<null>(100).fill(null)));
