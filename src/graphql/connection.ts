// Lists: Relay connections paged by keyset over an index, never by offset and never by Prisma's cursor.

import { queryFromInfo } from '@pothos/plugin-prisma';
import type { GraphQLResolveInfo } from 'graphql';
import { z } from 'zod';
import type { Actor, Permission } from '../core/actor.ts';
import type { Text } from '../core/texts.ts';
import { badInput, builder, enumType } from './builder.ts';
import type { Context } from './context.ts';
import { inputFields, parseArgs } from './input.ts';
import { scopesOf } from './payload.ts';

export const PAGE_DEFAULT = 20;
export const PAGE_MAX = 100;

export type Direction = 'asc' | 'desc';

/** Columns to sort by, none of them nullable, ending with a unique one. */
export type Ordering = readonly (readonly [column: string, direction: Direction])[];

export interface PageArgs {
  first?: number | null | undefined;
  last?: number | null | undefined;
  after?: string | null | undefined;
  before?: string | null | undefined;
}

interface Page {
  take: number;
  backwards: boolean;
  ordering: Ordering;
  /** Rows after the cursor, in the direction of travel. */
  where: object | undefined;
  orderBy: Record<string, Direction>[];
}

export interface Connection<Row> {
  edges: { cursor: string; node: Row }[];
  pageInfo: {
    hasNextPage: boolean;
    hasPreviousPage: boolean;
    startCursor: string | null;
    endCursor: string | null;
  };
  count: () => Promise<number>;
}

/** What to read for a page: one row more than asked for tells whether another page follows. */
export function pageOf(args: PageArgs, ordering: Ordering): Page {
  const backwards = args.last !== null && args.last !== undefined;
  if (backwards && args.first !== null && args.first !== undefined)
    throw badInput('Give `first` or `last`, not both.');
  if (backwards ? args.after : args.before) {
    throw badInput(backwards ? '`last` goes with `before`, not with `after`.' : '`before` goes with `last`.');
  }
  const take = (backwards ? args.last : args.first) ?? PAGE_DEFAULT;
  if (take < 0 || take > PAGE_MAX) throw badInput(`\`first\` and \`last\` are between 0 and ${PAGE_MAX}.`);
  const cursor = backwards ? args.before : args.after;
  const travelled = ordering.map(([column, direction]) => [column, turn(direction, backwards)] as const);
  return {
    take,
    backwards,
    ordering,
    where: cursor ? keysetWhere(travelled, decodeRow(cursor, ordering)) : undefined,
    orderBy: travelled.map(([column, direction]) => ({ [column]: direction })),
  };
}

/** The connection of the rows that were read for a page. */
export function connectionOf<Row extends object>(
  rows: readonly Row[],
  page: Page,
  args: PageArgs,
  count: () => Promise<number>,
): Connection<Row> {
  const more = rows.length > page.take;
  const shown = rows.slice(0, page.take);
  if (page.backwards) shown.reverse();
  const edges = shown.map((node) => ({ cursor: encodeRow(node, page.ordering), node }));
  return {
    edges,
    pageInfo: {
      hasNextPage: page.backwards ? Boolean(args.before) : more,
      hasPreviousPage: page.backwards ? more : Boolean(args.after),
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    count,
  };
}

/** Columns that a page's cursors are made of, as a Prisma select. */
export const cursorSelect = (ordering: Ordering): Record<string, true> =>
  Object.fromEntries(ordering.map(([column]) => [column, true as const]));

const turn = (direction: Direction, backwards: boolean): Direction =>
  backwards ? (direction === 'asc' ? 'desc' : 'asc') : direction;

/**
 * `(a, b) > (x, y)` as Prisma can say it. The first condition alone bounds the index scan; without it PostgreSQL
 * would read and drop every row before the cursor.
 */
function keysetWhere(ordering: Ordering, values: readonly unknown[]): object {
  const past = (direction: Direction) => (direction === 'asc' ? 'gt' : 'lt');
  const [first] = ordering;
  const alternatives = ordering.map(([column, direction], i) => ({
    ...Object.fromEntries(ordering.slice(0, i).map(([equal], j) => [equal, values[j]])),
    [column]: { [past(direction)]: values[i] },
  }));
  return { AND: [first ? { [first[0]]: { [`${past(first[1])}e`]: values[0] } } : {}, { OR: alternatives }] };
}

const encodeRow = (row: object, ordering: Ordering): string =>
  Buffer.from(
    JSON.stringify([
      signature(ordering),
      ...ordering.map(([column]) => encodeValue((row as Record<string, unknown>)[column])),
    ]),
  ).toString('base64url');

const signature = (ordering: Ordering): string =>
  ordering.map(([column, direction]) => `${column}${direction[0]}`).join();

function encodeValue(value: unknown): unknown {
  if (value instanceof Date) return { d: value.getTime() };
  if (typeof value === 'bigint') return { n: value.toString() };
  return value;
}

function decodeRow(cursor: string, ordering: Ordering): unknown[] {
  try {
    const [signed, ...values] = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as unknown[];
    if (signed !== signature(ordering) || values.length !== ordering.length) throw new Error();
    return values.map((value, i) => decodeValue(value, ordering[i]?.[0] ?? ''));
  } catch {
    throw badInput('This cursor is not one of this list in this order.');
  }
}

function decodeValue(value: unknown, column: string): unknown {
  const { d, n } = (typeof value === 'object' && value !== null ? value : {}) as { d?: unknown; n?: unknown };
  if (typeof d === 'number' && Math.abs(d) < 8.64e15) return new Date(d);
  if (typeof n === 'string' && /^-?\d{1,18}$/.test(n)) return BigInt(n);
  const isId = column === 'id' || column.endsWith('Id');
  if (typeof value === 'string' && value.length < 500 && (!isId || /^[0-9a-f-]{36}$/.test(value)))
    return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw new Error('not a value of a cursor');
}

const connections = new Map<string, unknown>();

/** The connection type of an object type, made on first use. */
export function connectionType(type: string): never {
  let ref = connections.get(type);
  if (!ref) {
    ref = builder.connectionObject(
      {
        type: type as never,
        name: `${type}Connection`,
        description: `A page of a list of ${type} objects.`,
        fields: (t: { int: (field: object) => never }) => ({
          totalCount: t.int({
            description: 'How many objects the whole list has. Counted only when selected.',
            resolve: (connection: Connection<object>) => connection.count(),
          }),
        }),
      } as never,
      { name: `${type}Edge`, description: `A ${type} in a list, and its cursor.` } as never,
    );
    connections.set(type, ref);
  }
  return ref as never;
}

interface ListOptions<Where extends z.ZodType, Orderings extends Record<string, Ordering>> {
  type: string;
  description: string;
  scope: Permission | 'signedIn' | 'public';
  /** Schema of the `where` argument. */
  where: Where;
  /** Sort orders by their enum value; the first is the default. */
  orderings: Orderings;
  orderingTitles: Record<keyof Orderings, Text>;
  /** Rows that the actor may see and the caller asks for, as a Prisma where. */
  filter: (actor: Actor, where: z.output<Where>) => object | Promise<object>;
  find: (query: never) => Promise<object[]>;
  /** True when the type is no Prisma object: rows are then read whole. */
  plain?: boolean;
  count: (query: { where: never }) => Promise<number>;
}

/** Define a root list: `name(first, last, after, before, where, orderBy)`. */
export function list<Where extends z.ZodObject, Orderings extends Record<string, Ordering>>(
  name: string,
  options: ListOptions<Where, Orderings>,
): void {
  const { type } = options;
  const orderings = Object.keys(options.orderings);
  const OrderBy = enumType(
    `${name.charAt(0).toUpperCase()}${name.slice(1)}OrderBy`,
    `How \`${name}\` are sorted.`,
    options.orderingTitles as Record<string, Text>,
  );
  const schema = z.object({
    where: options.where
      .optional()
      .meta({ graphql: `${type}Where`, description: 'Only objects that match all of this.' }),
  });
  builder.queryField(name, (t) =>
    t.field({
      type: connectionType(type),
      description: options.description,
      authScopes: scopesOf(options.scope),
      args: {
        ...(t.arg.connectionArgs() as object),
        ...(inputFields(schema, (field) => t.arg(field as never)) as object),
        orderBy: t.arg({
          type: OrderBy as never,
          required: false,
          description: `Order of the list. Default ${orderings[0]}.`,
        }),
      },
      resolve: (async (
        _root: unknown,
        args: PageArgs & { orderBy?: string },
        context: Context,
        info: GraphQLResolveInfo,
      ) => {
        const ordering = options.orderings[args.orderBy ?? orderings[0] ?? ''] as Ordering;
        const { where } = parseArgs(schema, { where: (args as { where?: unknown }).where ?? {} });
        const page = pageOf(args, ordering);
        const filter = await options.filter(context.actor, where as z.output<Where>);
        const query = options.plain ? {} : planOf(context, info, type, ordering);
        const rows = await options.find({
          ...query,
          where: page.where ? { AND: [filter, page.where] } : filter,
          orderBy: page.orderBy,
          take: page.take + 1,
        } as never);
        return connectionOf(rows, page, args, () => options.count({ where: filter as never }));
      }) as never,
    }),
  );
}

/** What the client selected of the nodes, as a Prisma query, and the columns of the cursors. */
const planOf = (context: Context, info: GraphQLResolveInfo, typeName: string, ordering: Ordering): object =>
  queryFromInfo({
    context,
    info,
    path: ['edges', 'node'],
    typeName,
    select: cursorSelect(ordering),
  } as never);

interface NestedOptions {
  type: string;
  description: string;
  ordering: Ordering;
  /** Name of the Prisma relation; also under which the rows are found on the parent. */
  relation: string;
  filter?: (actor: Actor) => object;
  count: (parent: { id: string }, actor: Actor) => Promise<number>;
}

type NestedParent = { id: string; _count?: Record<string, number> } & Record<string, unknown>;

/** A list inside an object. Its limit goes into the SQL of the parent's query. */
export function nestedList(t: object, options: NestedOptions): never {
  const fields = t as { field: (field: object) => never; arg: { connectionArgs: () => object } };
  return fields.field({
    type: connectionType(options.type),
    description: options.description,
    args: fields.arg.connectionArgs(),
    select: (
      args: PageArgs,
      { actor }: Context,
      nested: (select: object, path: string[]) => object,
      isSelected: (path: string[]) => unknown,
    ) => {
      const page = pageOf(args, options.ordering);
      const filter = options.filter?.(actor) ?? {};
      return {
        id: true,
        // Counted with the parents: a count of its own for each of them would grow with the rows.
        ...(isSelected(['totalCount'])
          ? { _count: { select: { [options.relation]: { where: filter } } } }
          : {}),
        [options.relation]: nested(
          {
            where: page.where ? { AND: [filter, page.where] } : filter,
            orderBy: page.orderBy,
            take: page.take + 1,
            select: cursorSelect(options.ordering),
          },
          ['edges', 'node'],
        ),
      };
    },
    resolve: (parent: NestedParent, args: PageArgs, { actor }: Context) => {
      const rows = (parent[options.relation] ?? []) as object[];
      const counted = parent._count?.[options.relation];
      return connectionOf(
        rows,
        pageOf(args, options.ordering),
        args,
        async () => counted ?? options.count(parent, actor),
      );
    },
  });
}
