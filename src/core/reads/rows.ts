// Rows as statements of ours read them, and what a query may ask of them.

import { isDeepStrictEqual } from 'node:util';
import type { Where } from './where.ts';

/**
 * What a query selects of a row: by its names, true or a query. Besides Prisma's names `_sum` for sums of lists, `_events`
 * for the list of its events in the log, and `_waiting` for whether more of them wait to be logged.
 */
export type Select = Readonly<Record<string, unknown>>;

/** The names that Prisma does not know. What Prisma reads comes without them. */
export const OURS: readonly string[] = ['_sum', '_events', '_waiting'];

/** What all rows hold that were read at one place of a query: all that was selected there. Of `_sum` and `_waiting` only `select` tells. */
export class Shape {
  /** What was selected, as it was given; null: all columns. */
  readonly select: Select | null;
  readonly singles = new Map<string, Shape>();
  readonly lists = new Map<string, { query: Query; shape: Shape }>();
  /** The query by which lists were counted. */
  counts: Query | undefined;

  constructor(select: Select | null) {
    this.select = select;
  }

  /** Whether the rows hold a column of theirs. */
  holds(column: string): boolean {
    return this.select === null || this.select[column] === true;
  }
}

/** A row as it was read here. */
export class Row {
  [column: string]: unknown;
  readonly #shape: Shape;
  #shownIn: object | undefined;

  constructor(shape: Shape) {
    this.#shape = shape;
  }

  static shapeOf(row: Row): Shape {
    return row.#shape;
  }

  /** The rows of a list that a query asks for, where they were read with a row, with all columns that it selects. */
  static listOf(row: object, name: string, query: Query): Row[] | undefined {
    if (!(row instanceof Row)) return undefined;
    const list = row.#shape.lists.get(name);
    if (!list || !isSameRows(list.query, query)) return undefined;
    const isHeld = Object.keys(query.select ?? {}).every((column) => list.shape.holds(column));
    return isHeld ? (row[name] as Row[]) : undefined;
  }

  /** Note that a field shows a row to whoever sees the field, in one request. */
  static show(row: Row, request: object): void {
    row.#shownIn = request;
  }

  static isShown(row: Row, request: object): boolean {
    return row.#shownIn === request;
  }
}

/** A copy of a row with some columns changed. Its fields answer like those of the row. */
const changed = <Known extends object, Found extends Known>(row: Found, changes: Partial<Known>): Found =>
  Object.assign(row instanceof Row ? new Row(Row.shapeOf(row)) : {}, row, changes);

/** Of the rows of one key one, with the quantity of all of them; in the order in which their keys come first. */
export const sumQuantities = <Found extends { quantity: number }>(
  rows: readonly Found[],
  keyOf: (row: Found) => string,
): Found[] =>
  [...Map.groupBy(rows, keyOf).values()].map((same) =>
    same.reduce((sum, { quantity }) => changed(sum, { quantity: sum.quantity + quantity })),
  );

/** What is added up of the lists of a row: a column of the rows that meet a condition. */
export type Sums = Readonly<Record<string, { column: string; where: Where }>>;

/** A query for rows, or for a single one that a row refers to. */
export interface Query {
  select?: Select;
  where?: Where;
  orderBy?: unknown;
  take?: number;
}

/** True for queries for the same rows in the same order, whatever they select of them. */
export const isSameRows = (one: Query, other: Query): boolean =>
  one.take === other.take && isDeepStrictEqual([one.where, one.orderBy], [other.where, other.orderBy]);
