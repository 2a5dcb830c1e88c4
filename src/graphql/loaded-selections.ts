// Whether rows of a shape hold what a field selects of them.

import { isDeepStrictEqual } from 'node:util';
import type { GraphQLResolveInfo } from 'graphql';
import { isSameRows, type Query, type Select, type Shape } from '../core/reads/rows.ts';
import type { Context } from './context.ts';
import { perContext } from './per-context.ts';
import { type Asked, askingOf } from './plan/asked.ts';
import { allColumns, isColumn, relationOf } from './plan/models.ts';
import { isPlanned } from './plan/planned.ts';
import { type SelectFunction, selectionOf } from './plan.ts';

type IsLoaded = (shape: Shape, context: Context, info: GraphQLResolveInfo) => boolean;

/**
 * Tells whether rows hold what a field selects. Where that depends on arguments, rows that were not planned for the field
 * are asked about once for each place in the document.
 */
export function loadedFor(model: string, select: Select | SelectFunction = {}): IsLoaded {
  if (typeof select !== 'function') return holderOf(model, select) ?? (() => false);
  const holdersIn = perContext(() => new Map<Asked, Holds>());
  let lastContext: Context | undefined;
  let lastAsked: Asked | undefined;
  let last: Holds | undefined;
  return (shape, context, info) => {
    const asked = askingOf(info)?.asked;
    if (!asked) return false;
    if (isPlanned(shape.select, asked, context)) return true;
    if (!last || context !== lastContext || asked !== lastAsked) {
      const holders = holdersIn(context);
      const selection = holders.has(asked) ? null : selectionOf(select, context, info);
      last = holders.get(asked) ?? (selection && holderOf(model, selection)) ?? (() => false);
      holders.set(asked, last);
      lastContext = context;
      lastAsked = asked;
    }
    return last(shape);
  };
}

type Holds = (shape: Shape) => boolean;

/** Tells which shapes hold all of a selection; null for one of which it cannot be told. */
export function holderOf(model: string, select: Select): Holds | null {
  const holds = wholeHolderOf(model, select);
  // Rows of one shape come one after the other.
  let last: Shape | undefined;
  let held = false;
  return (
    holds &&
    ((shape) => {
      if (shape === last) return held;
      last = shape;
      held = holds(shape);
      return held;
    })
  );
}

function wholeHolderOf(model: string, select: Select): Holds | null {
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
  if (isColumn(model, name)) return (shape) => shape.holds(name);
  const relation = relationOf(model, name);
  if (!relation) return null;
  const query: Query = selected === true ? {} : (selected as Query);
  const known = relation.isList ? ['select', 'where', 'orderBy', 'take'] : ['select'];
  if (Object.keys(query).some((key) => !known.includes(key))) return null;
  const holdsInner = wholeHolderOf(relation.type, query.select ?? allColumns(relation.type));
  if (!holdsInner) return null;
  if (!relation.isList)
    return ({ singles }) => {
      const inner = singles.get(name);
      return inner !== undefined && holdsInner(inner);
    };
  return ({ lists }) => {
    const list = lists.get(name);
    return list !== undefined && isSameRows(list.query, query) && holdsInner(list.shape);
  };
}

const holderOfCounts =
  ({ select: wanted = {} }: Query): Holds =>
  ({ counts }) => {
    const { select = {} } = counts ?? {};
    return Object.keys(wanted).every(
      (name) => name in select && isDeepStrictEqual(select[name], wanted[name]),
    );
  };
