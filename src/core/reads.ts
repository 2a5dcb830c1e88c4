// The statements of reads: one for each, lean, whose rows are made as Prisma would make them.

import { type Query, Row, type Select, Shape, type Sums } from './reads/rows.ts';
import type { Column, Relation, Table } from './reads/tables.ts';
import {
  all,
  conditionOf,
  Draft,
  leadsBack,
  NotOurs,
  type Parent,
  type Rows,
  type Where,
} from './reads/where.ts';

/** What a row is made of: the values of a JSON array. */
export type Values = readonly unknown[];
type MakeRow = (values: Values) => Row;

/** How rows of a shape are made. */
interface Maker {
  shape: Shape;
  make: MakeRow;
}

export interface Read {
  text: string;
  values: unknown[];
  rowOf: MakeRow;
}

/** The function of PostgreSQL that makes the arrays takes no more. */
const CELLS_MAX = 100;

const KNOWN = new Set(['select', 'where', 'orderBy', 'take']);

function queryOf(args: object): Query {
  for (const [name, value] of Object.entries(args))
    if (value !== undefined && !KNOWN.has(name)) throw new NotOurs();
  return args as Query;
}

/**
 * The statement for `findMany`. Each row comes as one JSON array: its columns, those of single rows that it refers to
 * (joined), and arrays of such arrays for lists. Throws NotOurs for what is left to Prisma.
 */
export function readMany(tables: Draft['tables'], model: string, args: object): Read {
  const draft = new Draft(tables);
  const { sql, maker } = rowsOf(draft, model, queryOf(args), null);
  return { text: sql('', ''), values: draft.values, rowOf: maker.make };
}

/** The statement for `count`. */
export function readCount(tables: Draft['tables'], model: string, args: object): Omit<Read, 'rowOf'> {
  for (const name of Object.keys(args)) if (name !== 'where') throw new NotOurs();
  const draft = new Draft(tables);
  const row = draft.row();
  const condition = conditionOf(draft, { model, row, parent: null }, (args as Query).where ?? {});
  const text = `SELECT count(*)::int FROM ${draft.table(model).sql} ${row}${condition && ` WHERE ${condition}`}`;
  return { text, values: draft.values };
}

/** Rows of a model as a subselect of one column of JSON. */
function rowsOf(draft: Draft, model: string, query: Query, parent: Parent | null) {
  const row = draft.row();
  const { sql: table } = draft.table(model);
  const order = orderOf(draft, model, query.orderBy, row);
  const condition = all([
    parent ? `${row}.${parent.relation.theirs} = ${parent.row}.${parent.relation.mine}` : '',
    conditionOf(draft, { model, row, parent }, query.where ?? {}),
  ]);
  const limit = limitOf(query.take);
  const rows = `SELECT * FROM ${table} ${row}${condition && ` WHERE ${condition}`}${order && ` ORDER BY ${order}`}${limit}`;
  const cells = new Cells(draft);
  const maker = cells.row({ model, row, parent }, query.select ?? null);
  const array = `json_build_array(${cells.list()})`;
  const sql = (before: string, after: string): string =>
    before
      ? `SELECT ${before}${array}${order && ` ORDER BY ${order}`}${after} FROM (${rows}) ${row}${cells.joins}`
      : `SELECT ${array} FROM (${rows}) ${row}${cells.joins}${order && ` ORDER BY ${order}`}`;
  return { sql, maker };
}

function orderOf(draft: Draft, model: string, orderBy: unknown, row: string): string {
  if (orderBy === undefined) return '';
  const { columns } = draft.table(model);
  return [orderBy]
    .flat()
    .flatMap((one) => Object.entries(one as Record<string, unknown>))
    .map(([name, direction]) => {
      const column = columns.get(name);
      const { sort, nulls } = typeof direction === 'object' ? (direction as Sort) : { sort: direction };
      const how = ORDERS.get(`${sort} ${nulls ?? ''}`);
      if (!column || how === undefined) throw new NotOurs();
      return `${row}.${column.sql}${how}`;
    })
    .join(', ');
}

interface Sort {
  sort: unknown;
  nulls?: unknown;
}

const ORDERS: ReadonlyMap<string, string> = new Map(
  ['asc', 'desc'].flatMap((sort) => [
    [`${sort} `, ` ${sort}`],
    [`${sort} first`, ` ${sort} NULLS FIRST`],
    [`${sort} last`, ` ${sort} NULLS LAST`],
  ]),
);

function limitOf(take: number | undefined): string {
  if (take === undefined) return '';
  if (!Number.isInteger(take) || take < 0) throw new NotOurs();
  return ` LIMIT ${take}`;
}

/** Writes the SQL for one number of the rows `row` of a table. */
type Total = (row: string, table: Table) => string;

/** The values of one JSON array, and what is joined for them. */
class Cells {
  joins = '';
  readonly #draft: Draft;
  readonly #cells: string[] = [];

  constructor(draft: Draft) {
    this.#draft = draft;
  }

  list(): string {
    if (this.#cells.length > CELLS_MAX) throw new NotOurs();
    return this.#cells.join(', ');
  }

  #cell(sql: string): number {
    return this.#cells.push(sql) - 1;
  }

  /** Take what is selected of a row, and of what it refers to. */
  row(rows: Rows, select: Select | null): Maker {
    const { model, row } = rows;
    const { columns, relations } = this.#draft.table(model);
    const shape = new Shape(select);
    const columnsRead: { name: string; at: number; read: Column['read'] }[] = [];
    const othersRead: { name: string; read: (values: Values) => unknown }[] = [];
    for (const name of select ? Object.keys(select) : columns.keys()) {
      const selected = select ? select[name] : true;
      if (!selected) continue;
      const column = columns.get(name);
      const relation = relations.get(name);
      if (column) {
        const { sql, cast, read, isList } = column;
        if (isList && cast) throw new NotOurs();
        columnsRead.push({ name, at: this.#cell(`${row}.${sql}${cast}`), read });
      } else if (relation) {
        const read = relation.isList
          ? this.#many(shape, rows, name, relation, selected)
          : this.#single(shape, rows, name, relation, selected);
        othersRead.push({ name, read });
      } else if (name === '_count') othersRead.push({ name, read: this.#counts(shape, rows, selected) });
      else if (name === '_sum') othersRead.push({ name, read: this.#sums(rows, selected as Sums) });
      else if (name === '_waiting') columnsRead.push({ name, at: this.#waiting(rows), read: null });
      else throw new NotOurs();
    }
    const make = (values: Values): Row => {
      const made = new Row(shape);
      for (const { name, at, read } of columnsRead) {
        const value = values[at];
        made[name] = read && value !== null ? read(value) : value;
      }
      for (const { name, read } of othersRead) made[name] = read(values);
      return made;
    };
    return { shape, make };
  }

  #single(
    shape: Shape,
    { model, row, parent }: Rows,
    name: string,
    relation: Relation,
    selected: unknown,
  ): (values: Values) => Row | null {
    const { select, ...rest } = nested(selected);
    if (Object.values(rest).some((value) => value !== undefined)) throw new NotOurs();
    if (leadsBack(parent, name, relation)) {
      const there = this.row({ model: relation.table, row: parent.row, parent: null }, select ?? null);
      shape.singles.set(name, there.shape);
      return there.make;
    }
    const other = this.#draft.row();
    const { sql } = this.#draft.table(relation.table);
    this.joins += ` LEFT JOIN ${sql} ${other} ON ${other}.${relation.theirs} = ${row}.${relation.mine}`;
    const there = relation.isRequired ? null : this.#cell(`${other}.${relation.theirs} IS NOT NULL`);
    const theirs: Rows = { model: relation.table, row: other, parent: { model, row, relation } };
    const maker = this.row(theirs, select ?? null);
    shape.singles.set(name, maker.shape);
    return (values) => (there === null || values[there] === true ? maker.make(values) : null);
  }

  #many(
    shape: Shape,
    { model, row }: Rows,
    name: string,
    relation: Relation,
    selected: unknown,
  ): (values: Values) => Row[] {
    const query = nested(selected);
    const { sql, maker } = rowsOf(this.#draft, relation.table, query, { model, row, relation });
    shape.lists.set(name, { query, shape: maker.shape });
    const at = this.#cell(`(${sql('json_agg(', ')')})`);
    return (values) => ((values[at] ?? []) as Values[]).map(maker.make);
  }

  #counts(shape: Shape, rows: Rows, selected: unknown): (values: Values) => Record<string, number> {
    const query = nested(selected);
    shape.counts = query;
    return numbersAt(
      Object.entries(query.select ?? {}).map(([name, counting]) => {
        if (!counting) throw new NotOurs();
        return [name, this.#total(() => 'count(*)', rows, name, nested(counting).where ?? {})];
      }),
    );
  }

  #sums(rows: Rows, sums: Sums): (values: Values) => Record<string, number> {
    return numbersAt(
      Object.entries(sums).map(([name, { column, where }]) => {
        const sum: Total = (other, { columns }) => {
          const summed = columns.get(column);
          if (!summed) throw new NotOurs();
          return `coalesce(sum(${other}.${summed.sql}), 0)`;
        };
        return [name, this.#total(sum, rows, name, where)];
      }),
    );
  }

  /** Whether events of the row wait to be logged. */
  #waiting({ model, row }: Rows): number {
    const id = this.#draft.table(model).columns.get('id');
    const outbox = this.#draft.table('EventOutbox');
    const entityId = outbox.columns.get('entityId');
    if (!id || !entityId) throw new NotOurs();
    const other = this.#draft.row();
    const condition = `${other}.${entityId.sql} = ${row}.${id.sql}`;
    return this.#cell(`EXISTS (SELECT FROM ${outbox.sql} ${other} WHERE ${condition})`);
  }

  /** One number for all rows of a list, in a cell of its own. */
  #total(total: Total, { model, row }: Rows, name: string, where: Where): number {
    const relation = this.#draft.table(model).relations.get(name);
    if (!relation?.isList) throw new NotOurs();
    const other = this.#draft.row();
    const condition = all([
      `${other}.${relation.theirs} = ${row}.${relation.mine}`,
      conditionOf(
        this.#draft,
        { model: relation.table, row: other, parent: { model, row, relation } },
        where,
      ),
    ]);
    const table = this.#draft.table(relation.table);
    return this.#cell(`(SELECT ${total(other, table)} FROM ${table.sql} ${other} WHERE ${condition})`);
  }
}

/** Reads numbers, each from its cell. */
const numbersAt =
  (cells: readonly (readonly [name: string, at: number])[]) =>
  (values: Values): Record<string, number> =>
    Object.fromEntries(cells.map(([name, at]) => [name, values[at] as number]));

const nested = (selected: unknown): Query => (selected === true ? {} : queryOf(selected as object));
