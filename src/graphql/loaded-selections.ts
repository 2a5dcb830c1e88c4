// Whether rows of a shape hold what a field selects of them.

import { isDeepStrictEqual } from 'node:util';
import {
  type FieldNode,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  getNamedType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import type { Query, Select, Shape } from '../core/reads/rows.ts';
import { getDatamodel } from '../generated/pothos.ts';

export type Holds = (shape: Shape) => boolean;

const { models } = getDatamodel().datamodel;
const columns = new Map(
  Object.entries(models).map(([model, { fields }]) => [
    model,
    new Map(fields.map((field) => [field.name, field])),
  ]),
);

/** Tells which shapes hold all of a selection; null for one of which it cannot be told. */
export function holderOf(model: string, select: Select): Holds | null {
  const parts: Holds[] = [];
  for (const [name, selected] of Object.entries(select)) {
    if (!selected) continue;
    const part = name === '_count' ? holderOfCounts(selected as Query) : holderOfOne(model, name, selected);
    if (!part) return null;
    parts.push(part);
  }
  return (shape) => parts.every((holds) => holds(shape));
}

function holderOfOne(model: string, name: string, selected: unknown): Holds | null {
  const field = columns.get(model)?.get(name);
  if (field?.kind !== 'object') return field ? (shape) => shape.columns.has(name) : null;
  const query: Query = selected === true ? {} : (selected as Query);
  const known = field.isList ? ['select', 'where', 'orderBy', 'take'] : ['select'];
  if (Object.keys(query).some((key) => !known.includes(key))) return null;
  const holdsInner = holderOf(field.type, query.select ?? allColumns(field.type));
  if (!holdsInner) return null;
  if (!field.isList)
    return ({ singles }) => {
      const inner = singles.get(name);
      return inner !== undefined && holdsInner(inner);
    };
  return ({ lists }) => {
    const list = lists.get(name);
    return list !== undefined && isSame(list.query, query) && holdsInner(list.shape);
  };
}

/** What is selected of rows of which nothing is said. */
const allColumns = (model: string): Select =>
  Object.fromEntries(
    [...(columns.get(model)?.values() ?? [])]
      .filter(({ kind }) => kind !== 'object')
      .map(({ name }) => [name, true]),
  );

/** True for queries for the same rows in the same order. */
const isSame = (one: Query, other: Query): boolean =>
  isDeepStrictEqual([one.where, one.orderBy, one.take], [other.where, other.orderBy, other.take]);

const holderOfCounts =
  ({ select: wanted = {} }: Query): Holds =>
  ({ counts }) => {
    const { select = {} } = counts ?? {};
    return Object.keys(wanted).every(
      (name) => name in select && isDeepStrictEqual(select[name], wanted[name]),
    );
  };

/** What Pothos calls to learn what a field selects of its row. */
export type SelectFunction = (
  args: object,
  context: object,
  nested: (query?: unknown, path?: unknown) => object,
  selected: (path: readonly string[]) => unknown,
) => { select?: Select } | PromiseLike<unknown> | null | undefined;

/**
 * The selection of a field that depends on its arguments, with what the types of the rows inside of it always select: a
 * row that another field loaded for itself may lack that. What else is selected of them is for their fields to find out.
 */
export function selectionOf(
  select: SelectFunction,
  args: object,
  context: object,
  info: GraphQLResolveInfo,
): Select | null {
  let isKnown = true;
  const nested = (query: unknown = {}, path: unknown = []): object => {
    const given =
      typeof query === 'function' ? (query as (...given: unknown[]) => unknown)(args, context) : query;
    const ofType =
      Array.isArray(path) && !isSelected(info.fieldNodes, path, info)
        ? {}
        : selectOfType(info.returnType, path);
    if (!ofType) isKnown = false;
    const { select: own = {}, ...rest } = (typeof given === 'object' && given !== null ? given : {}) as Query;
    return { ...rest, select: { ...ofType, ...own } };
  };
  const selected = (path: readonly string[]) => isSelected(info.fieldNodes, path, info) || null;
  const made = select(args, context, nested, selected);
  return isKnown && made && !('then' in made) ? (made.select ?? {}) : null;
}

/** What the rows at a path inside a type always select; null where it cannot be told. */
function selectOfType(returned: GraphQLOutputType, path: unknown): Select | null {
  let type = getNamedType(returned);
  if (!Array.isArray(path)) return null;
  for (const name of path) {
    const field = isObjectType(type) ? type.getFields()[String(name)] : undefined;
    if (!field) return null;
    type = getNamedType(field.type);
  }
  const { pothosPrismaModel, pothosPrismaSelect = {} } = type.extensions;
  return pothosPrismaModel && typeof pothosPrismaSelect === 'object' ? (pothosPrismaSelect as Select) : null;
}

/** True when a document selects a path inside fields, itself or by its fragments. */
export function isSelected(
  fields: readonly FieldNode[],
  [name, ...path]: readonly string[],
  info: GraphQLResolveInfo,
): boolean {
  if (name === undefined) return true;
  const inner = fields.flatMap(({ selectionSet }) => fieldsOf(selectionSet, name, info));
  return inner.length > 0 && isSelected(inner, path, info);
}

function fieldsOf(set: SelectionSetNode | undefined, name: string, info: GraphQLResolveInfo): FieldNode[] {
  return (set?.selections ?? []).flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return selection.name.value === name ? [selection] : [];
    const fragment =
      selection.kind === Kind.FRAGMENT_SPREAD ? info.fragments[selection.name.value] : selection;
    return fieldsOf(fragment?.selectionSet, name, info);
  });
}
