// Whether rows of a shape hold what a field selects of them.

import { isDeepStrictEqual } from 'node:util';
import { isSameRows, type Query, type Select, type Shape } from '../core/reads/rows.ts';
import { columnsOf, isColumn, relationOf } from './models.ts';

export type Holds = (shape: Shape) => boolean;

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
  if (isColumn(model, name)) return (shape) => shape.columns.has(name);
  const relation = relationOf(model, name);
  if (!relation) return null;
  const query: Query = selected === true ? {} : (selected as Query);
  const known = relation.isList ? ['select', 'where', 'orderBy', 'take'] : ['select'];
  if (Object.keys(query).some((key) => !known.includes(key))) return null;
  const holdsInner = holderOf(relation.type, query.select ?? allColumns(relation.type));
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

/** What is selected of rows of which nothing is said. */
const allColumns = (model: string): Select =>
  Object.fromEntries(columnsOf(model).map((name) => [name, true]));

const holderOfCounts =
  ({ select: wanted = {} }: Query): Holds =>
  ({ counts }) => {
    const { select = {} } = counts ?? {};
    return Object.keys(wanted).every(
      (name) => name in select && isDeepStrictEqual(select[name], wanted[name]),
    );
  };
