// A page of a list: what to read for it, and the cursors of what was read. Keyset, never offset.

import type { Where } from '../core/reads/where.ts';
import { requestError } from './request-errors.ts';

export const PAGE_DEFAULT = 20;
const PAGE_MAX = 100;

type Direction = 'asc' | 'desc';

/** Columns to sort by, none of them nullable, ending with a unique one. */
export type Ordering = readonly (readonly [column: string, direction: Direction])[];

export interface PageArgs {
  first?: number | null | undefined;
  last?: number | null | undefined;
  after?: string | null | undefined;
  before?: string | null | undefined;
}

export interface Page {
  take: number;
  backwards: boolean;
  ordering: Ordering;
  /** Rows after the cursor, in the direction of travel. */
  where: Where | undefined;
  orderBy: Record<string, Direction>[];
}

/** Where the objects of a connection are. */
export const NODES = ['edges', 'node'] as const;

/** A row in a list. Its cursor is made when somebody asks for it. */
class Edge<Row extends object> {
  readonly node: Row;
  readonly #ordering: Ordering;

  constructor(node: Row, ordering: Ordering) {
    this.node = node;
    this.#ordering = ordering;
  }

  get cursor(): string {
    return encodeRow(this.node, this.#ordering);
  }
}

/** Where a page lies in its list. */
class PageInfo<Row extends object> {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly #edges: readonly Edge<Row>[];

  constructor(hasNextPage: boolean, hasPreviousPage: boolean, edges: readonly Edge<Row>[]) {
    this.hasNextPage = hasNextPage;
    this.hasPreviousPage = hasPreviousPage;
    this.#edges = edges;
  }

  get startCursor(): string | null {
    return this.#edges[0]?.cursor ?? null;
  }

  get endCursor(): string | null {
    return this.#edges.at(-1)?.cursor ?? null;
  }
}

export interface Connection<Row extends object> {
  edges: Edge<Row>[];
  pageInfo: PageInfo<Row>;
  count: () => Promise<number>;
}

/** What to read for a page: one row more than asked for tells whether another page follows. */
export function pageOf(args: PageArgs, ordering: Ordering): Page {
  const backwards = args.last !== null && args.last !== undefined;
  if (backwards && args.first !== null && args.first !== undefined) throw requestError('PAGE_TWO_SIZES');
  if (backwards ? args.after : args.before)
    throw requestError(backwards ? 'PAGE_AFTER_LAST' : 'PAGE_BEFORE_FIRST');
  const take = (backwards ? args.last : args.first) ?? PAGE_DEFAULT;
  if (take < 0 || take > PAGE_MAX) throw requestError('PAGE_SIZE', { params: { max: PAGE_MAX } });
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
  const edges = shown.map((node) => new Edge(node, page.ordering));
  const pageInfo = page.backwards
    ? new PageInfo(Boolean(args.before), more, edges)
    : new PageInfo(more, Boolean(args.after), edges);
  return { edges, pageInfo, count };
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
function keysetWhere(ordering: Ordering, values: readonly unknown[]): Where {
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
    throw requestError('CURSOR_FOREIGN');
  }
}

/** A value that fits its column by the names that columns have. A forged one would fail in the database. */
function decodeValue(value: unknown, column: string): unknown {
  const { d, n } = (typeof value === 'object' && value !== null ? value : {}) as { d?: unknown; n?: unknown };
  if (column.endsWith('At')) {
    if (typeof d === 'number' && Number.isInteger(d) && d >= 0 && d < LATEST_MS) return new Date(d);
  } else if (column === 'id' || column.endsWith('Id')) {
    if (typeof value === 'string' && UUID.test(value)) return value;
  } else if (column === 'seq') {
    if (typeof n === 'string' && /^\d{1,18}$/.test(n)) return BigInt(n);
  } else if (column === 'position' || column === 'number') {
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 31) return value;
  } else if (typeof value === 'string' && value.length < 500 && !value.includes('\0')) {
    return value;
  }
  throw new Error('not a value of a cursor');
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const LATEST_MS = Date.UTC(10_000, 0);
