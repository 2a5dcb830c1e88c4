// Prisma's `where` as a condition in SQL: what lists filter by. What else it may say is left to Prisma.

import type { Column, Relation, Table } from './tables.ts';

/** Thrown for what is left to Prisma. */
export class NotOurs extends Error {}

/** A statement while it is written: its values, and names for its rows. */
export class Draft {
  readonly values: unknown[] = [];
  #rows = 0;
  readonly tables: ReadonlyMap<string, Table>;

  constructor(tables: ReadonlyMap<string, Table>) {
    this.tables = tables;
  }

  row(): string {
    return `t${this.#rows++}`;
  }

  value(value: unknown): string {
    this.values.push(sent(value));
    return `$${this.values.length}`;
  }

  table(model: string): Table {
    const table = this.tables.get(model);
    if (!table) throw new NotOurs();
    return table;
  }
}

/** A value as the database takes it, whatever the type of the column. */
function sent(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return value.map(sent);
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  throw new NotOurs();
}

export type Where = Readonly<Record<string, unknown>>;

/** The row from which others are reached, and the relation that leads to them. */
export interface Parent {
  model: string;
  row: string;
  relation: Relation;
}

/** True for a relation that leads back to the parent: that row is part of the statement already. */
export const leadsBack = (parent: Parent | null, name: string, { table }: Relation): parent is Parent =>
  parent?.model === table && parent.relation.inverse === name;

/** Rows of a model under their name in a statement, and the row from which they are reached. */
export interface Rows {
  model: string;
  row: string;
  parent: Parent | null;
}

/** The condition on rows, or nothing where all will do. */
export function conditionOf(draft: Draft, rows: Rows, where: Where): string {
  return all(
    Object.entries(where).flatMap(([name, wanted]) =>
      wanted === undefined ? [] : [one(draft, rows, name, wanted)],
    ),
  );
}

/** All of the conditions. */
export const all = (conditions: readonly string[]): string => conditions.filter(Boolean).join(' AND ');

function one(draft: Draft, rows: Rows, name: string, wanted: unknown): string {
  const { model, row, parent } = rows;
  if (name === 'AND') return all([wanted].flat().map((where) => conditionOf(draft, rows, where as Where)));
  if (name === 'OR') {
    // As Prisma has it: a branch without a condition is none, so a rule that forgot its condition lets nobody in.
    const any = [wanted]
      .flat()
      .map((where) => conditionOf(draft, rows, where as Where))
      .filter(Boolean);
    return any.length > 0 ? `(${any.join(' OR ')})` : 'false';
  }
  const { columns, relations } = draft.table(model);
  const column = columns.get(name);
  if (column) return columnCondition(draft, column, `${row}.${column.sql}`, wanted);
  const relation = relations.get(name);
  if (!relation || typeof wanted !== 'object' || wanted === null) throw new NotOurs();
  const { mine, theirs, table } = relation;
  const exists = (inner: Where): string => {
    const other = draft.row();
    const condition = all([
      `${other}.${theirs} = ${row}.${mine}`,
      conditionOf(draft, { model: table, row: other, parent: null }, inner),
    ]);
    return `EXISTS (SELECT FROM ${draft.table(table).sql} ${other} WHERE ${condition})`;
  };
  const [[how, inner] = ['', {}], ...more] = Object.entries(wanted as Record<string, Where>);
  if (!relation.isList) {
    if (['is', 'isNot'].includes(how)) throw new NotOurs();
    if (leadsBack(parent, name, relation))
      return conditionOf(draft, { model: table, row: parent.row, parent: null }, wanted as Where);
    // As Prisma has it: no condition is met by rows that refer to nothing as well.
    return isEmpty(wanted) ? '' : exists(wanted as Where);
  }
  if (more.length > 0) throw new NotOurs();
  if (inner === undefined) return '';
  if (how === 'some') return exists(inner);
  if (how === 'none') return `NOT ${exists(inner)}`;
  throw new NotOurs();
}

const isEmpty = (where: object): boolean => Object.values(where).every((value) => value === undefined);

function columnCondition(draft: Draft, column: Column, sql: string, wanted: unknown): string {
  if (wanted === null) return `${sql} IS NULL`;
  if (typeof wanted !== 'object' || wanted instanceof Date) {
    if (column.isList) throw new NotOurs();
    return `${sql} = ${draft.value(wanted)}`;
  }
  return all(
    Object.entries(wanted).map(([operator, value]) => {
      if (value === undefined) return '';
      if (value === null && operator === 'not') return `${sql} IS NOT NULL`;
      if (value === null && operator === 'equals') return `${sql} IS NULL`;
      const write = (column.isList ? ofLists : ofValues)[operator];
      if (!write || value === null || isPlainObject(value)) throw new NotOurs();
      return write(sql, value, draft);
    }),
  );
}

const isPlainObject = (value: unknown): boolean =>
  typeof value === 'object' && !Array.isArray(value) && !(value instanceof Date);

type Write = (sql: string, value: unknown, draft: Draft) => string;

const comparing =
  (operator: string): Write =>
  (sql, value, draft) => {
    if (Array.isArray(value)) throw new NotOurs();
    return `${sql} ${operator} ${draft.value(value)}`;
  };

const ofValues: Readonly<Record<string, Write>> = {
  equals: comparing('='),
  not: comparing('<>'),
  lt: comparing('<'),
  lte: comparing('<='),
  gt: comparing('>'),
  gte: comparing('>='),
  // The planner keeps its plan for one value, and makes a new one each time for a list.
  in: (sql, value, draft) =>
    Array.isArray(value) && value.length === 1
      ? `${sql} = ${draft.value(value[0])}`
      : `${sql} = ANY (${draft.value(value)})`,
  notIn: (sql, value, draft) => `${sql} <> ALL (${draft.value(value)})`,
};

const ofLists: Readonly<Record<string, Write>> = {
  has: (sql, value, draft) => `${sql} @> ${draft.value([value])}`,
  hasEvery: (sql, value, draft) => `${sql} @> ${draft.value(value)}`,
  hasSome: (sql, value, draft) => `${sql} && ${draft.value(value)}`,
};
