// Rows as statements of ours read them, and what a query may ask of them.

import type { Where } from './where.ts';

/** What a query selects of a row: by its names, true or a query. */
export type Select = Readonly<Record<string, unknown>>;

/** What the rows hold that were read at one place of a query: what was selected there, and nothing of it was left out. */
export class Shape {
  readonly columns = new Set<string>();
  readonly singles = new Map<string, Shape>();
  readonly lists = new Map<string, { query: Query; shape: Shape }>();
  /** The query by which lists were counted. */
  counts: Query | undefined;
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

  /** Note that a field shows a row to whoever sees the field, in one request. */
  static show(row: Row, request: object): void {
    row.#shownIn = request;
  }

  static isShown(row: Row, request: object): boolean {
    return row.#shownIn === request;
  }
}

/** A row with some columns changed. It answers for all that the row answers for. */
export const changed = <Found extends object>(row: Found, changes: Partial<Found>): Found =>
  row instanceof Row
    ? (Object.assign(new Row(Row.shapeOf(row)), row, changes) as unknown as Found)
    : { ...row, ...changes };

/** What is added up of the lists of a row: a column, of those that a condition lets in. Prisma has no word for it. */
export type Sums = Readonly<Record<string, { column: string; where: Where }>>;

/** A query for rows, or for a single one that a row refers to. */
export interface Query {
  select?: Select;
  where?: Where;
  orderBy?: unknown;
  take?: number;
}
