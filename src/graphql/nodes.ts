// Objects by their global ids, whatever their types: one statement for each type.

import { brandWithType } from '@pothos/core';
import { type GraphQLResolveInfo, isObjectType } from 'graphql';
import { db } from '../core/db.ts';
import { type Problem, problem } from '../core/errors.ts';
import type { Context } from './context.ts';
import { queryFor } from './plan.ts';
import { badArguments } from './request-errors.ts';
import { letIn, type Scopes } from './scope.ts';

interface NodeId {
  typename: string;
  id: string;
}

/** Prisma's door to the rows of a type. */
export interface Delegate {
  findMany(query: object): Promise<{ id: string }[]>;
}

/** What is decoded of a text that is no id. */
export const NO_NODE: NodeId = { typename: '', id: '' };

/** Refuse ids that are none with BAD_INPUT, each with its place in the arguments. */
export function refuseMalformed(ids: readonly NodeId[], pathOf: (i: number) => Problem['path']): void {
  const problems = ids.flatMap(({ typename }, i) =>
    typename === NO_NODE.typename
      ? [problem('INVALID_ID', { path: pathOf(i), params: { type: 'Node' } })]
      : [],
  );
  if (problems.length > 0) throw badArguments(problems);
}

/** The objects of ids, in their order. Null where there is no such type or no such row, or it is not for the caller. */
export async function loadNodes(
  ids: readonly NodeId[],
  context: Context,
  info: GraphQLResolveInfo,
): Promise<(object | null)[]> {
  const rows = new Map<string, object>();
  const load = async (typeName: string, wanted: readonly NodeId[]): Promise<void> => {
    const delegate = delegateOf(typeName, info);
    if (!delegate) return;
    const query = queryFor(context, info, { typeName, select: { id: true } });
    const where = { id: { in: [...new Set(wanted.map(({ id }) => id))] } };
    for (const row of await delegate.findMany({ ...query, where })) {
      if (!isVisible(row, typeName, context, info)) continue;
      brandWithType(row, typeName as never);
      rows.set(`${typeName}:${row.id}`, row);
    }
  };
  const byType = Map.groupBy(ids, ({ typename }) => typename);
  await Promise.all([...byType].map(([typeName, wanted]) => load(typeName, wanted)));
  return ids.map(({ typename, id }) => rows.get(`${typename}:${id}`) ?? null);
}

/**
 * Whether the scopes of its type let the caller see an object. They run again on its fields, which refuse: here the
 * object is as if it were not there, so that nobody learns of it.
 */
export function isVisible(
  row: object,
  typeName: string,
  context: Context,
  { schema }: Pick<GraphQLResolveInfo, 'schema'>,
): boolean {
  const { authScopes } = (schema.getType(typeName)?.extensions.pothosOptions ?? {}) as {
    authScopes?: Scopes | ((row: object, context: Context) => Scopes);
  };
  if (authScopes === undefined) return true;
  return letIn(context.actor, typeof authScopes === 'function' ? authScopes(row, context) : authScopes);
}

/** The door to the rows of a type with ids; undefined for any other type. */
export function delegateOf(typeName: string, { schema }: GraphQLResolveInfo): Delegate | undefined {
  const type = schema.getType(typeName);
  if (!isObjectType(type) || !type.getInterfaces().some(({ name }) => name === 'Node')) return undefined;
  const model = String(type.extensions.pothosPrismaModel ?? '');
  return (db as unknown as Record<string, Delegate>)[model.charAt(0).toLowerCase() + model.slice(1)];
}
