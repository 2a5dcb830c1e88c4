// Lists: Relay connections paged by keyset over an index, never by offset and never by Prisma's cursor.

import type { GraphQLResolveInfo } from 'graphql';
import { z } from 'zod';
import type { Actor } from '../core/actor.ts';
import type { Text } from '../core/texts.ts';
import { builder, enumType } from './builder.ts';
import type { Context } from './context.ts';
import { inputFields, parseArgs } from './input.ts';
import {
  type Connection,
  connectionOf,
  cursorSelect,
  NODES,
  type Ordering,
  type PageArgs,
  pageOf,
} from './page.ts';
import { perArguments } from './per-context.ts';
import { queryFor, type SelectFunction } from './plan.ts';
import { isIn, type Scope, scopesOf } from './scope.ts';

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
  scope: Scope;
  /** Schema of the `where` argument. */
  where: Where;
  /** Name of the `where` type, for a second list of one type of object. */
  whereType?: string;
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

/** How a list of what happens at moments is sorted: the newest first, or the oldest. */
export const byMoment = (column: string) =>
  ({
    orderings: {
      NEWEST: [
        [column, 'desc'],
        ['id', 'desc'],
      ],
      OLDEST: [
        [column, 'asc'],
        ['id', 'asc'],
      ],
    },
    orderingTitles: {
      NEWEST: { en: 'Newest first', zh: '最新优先' },
      OLDEST: { en: 'Oldest first', zh: '最早优先' },
    },
  }) as const;

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
    where: options.where.optional().meta({
      graphql: options.whereType ?? `${type}Where`,
      description: 'Only objects that match all of this.',
    }),
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
        const wish = { typeName: type, path: NODES, select: cursorSelect(ordering) };
        const query = options.plain ? {} : queryFor(context, info, wish);
        const wanted = {
          ...query,
          where: page.where ? { AND: [filter, page.where] } : filter,
          orderBy: page.orderBy,
          take: page.take + 1,
        };
        const rows = await options.find(wanted as never);
        return connectionOf(rows, page, args, () => options.count({ where: filter as never }));
      }) as never,
    }),
  );
}

interface NestedOptions {
  type: string;
  description: string;
  ordering: Ordering;
  /** Name of the Prisma relation; also under which the rows are found on the parent. */
  relation: string;
  /** Who may read the list, where not all who see the object may. For all others it is empty, and nothing is read. */
  scope?: Scope;
  /** Column that is the id of the parent. Default: `id`. */
  parentKey?: string;
  filter?: (actor: Actor) => object;
  count: (parent: { id: string }, actor: Actor) => Promise<number>;
}

type NestedParent = { _count?: Record<string, number> } & Record<string, unknown>;

/** A list inside an object. Its limit goes into the SQL of the parent's query. */
export function nestedList(t: object, options: NestedOptions): never {
  const fields = t as { field: (field: object) => never; arg: { connectionArgs: () => object } };
  const { parentKey = 'id', scope = 'public' } = options;
  const pageFor = perArguments((args: PageArgs) => pageOf(args, options.ordering));
  return fields.field({
    type: connectionType(options.type),
    description: options.description,
    args: fields.arg.connectionArgs(),
    // What Pothos makes of a `select` function, but told what is selected: counts then come with the parents. A count
    // of its own for each parent would grow with the rows.
    extensions: {
      pothosPrismaSelect: ((args, { actor }, nested, selected) => {
        if (!isIn(actor, scope)) return { select: { [parentKey]: true } };
        const page = pageFor(args);
        const filter = options.filter?.(actor) ?? {};
        const rows = {
          where: page.where ? { AND: [filter, page.where] } : filter,
          orderBy: page.orderBy,
          take: page.take + 1,
          select: cursorSelect(options.ordering),
        };
        return {
          select: {
            [parentKey]: true,
            [options.relation]: nested(rows, NODES),
            ...(selected(['totalCount'])
              ? { _count: { select: { [options.relation]: { where: filter } } } }
              : {}),
          },
        };
      }) satisfies SelectFunction<PageArgs>,
    },
    resolve: (parent: NestedParent, args: PageArgs, { actor }: Context) => {
      const page = pageFor(args);
      if (!isIn(actor, scope)) return connectionOf([], page, args, async () => 0);
      const rows = (parent[options.relation] ?? []) as object[];
      const counted = parent._count?.[options.relation];
      return connectionOf(
        rows,
        page,
        args,
        async () => counted ?? options.count({ id: String(parent[parentKey]) }, actor),
      );
    },
  });
}
