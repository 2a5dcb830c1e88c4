// What a document asks of rows, as one query for them: what its fields select, put together.

import { queryFromInfo } from '@pothos/plugin-prisma';
import {
  GraphQLError,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  getNamedType,
  isObjectType,
} from 'graphql';
import type { Query, Select } from '../core/reads/rows.ts';
import { unless } from '../core/unless.ts';
import type { Context } from './context.ts';
import { type Asked, type Asking, askedAt, askingOf } from './plan/asked.ts';
import { isColumn } from './plan/models.ts';
import { NotPlanned, Planned } from './plan/planned.ts';
import { isPromise } from './promises.ts';

/** Tells whether something is asked at a path inside of a field. */
export type Selected = (path: readonly string[]) => unknown;

/** What Pothos calls to learn what a field selects of its row. */
export type SelectFunction<Args extends object = object> = (
  args: Args,
  context: Context,
  nested: (query?: unknown, path?: unknown) => object,
  selected: Selected,
) => { select?: Select } | Promise<unknown> | null | undefined;

/**
 * What a field reads with its row, of what only statements of ours read. Rows that Pothos planned or Prisma read come
 * without it, so the resolver of the field can do without.
 */
export type ReadsMore<Args extends object = object> = (
  args: Args,
  context: Context,
  selected: Selected,
) => Select;

/** What types and fields keep in their `extensions` of what they select. All but `readsMore` is Pothos' own. */
export interface Selecting {
  pothosPrismaModel?: string;
  pothosPrismaSelect?: Select | SelectFunction;
  pothosIndirectInclude?: unknown;
  pothosArgMappers?: readonly unknown[] | null;
  readsMore?: ReadsMore;
}

/** Rows that a field answers, itself or at a path inside of it. */
interface Wish {
  typeName: string;
  path?: readonly string[];
  /** What is selected of them in any case. */
  select: Select;
}

/**
 * The query for the rows that a field answers: it loads at once what their fields will ask for. Where two of them want
 * different rows of one relation, the first has its way and the other loads for itself. What is not understood here is
 * planned by Pothos, in the same way.
 */
export function queryFor(context: Context, info: GraphQLResolveInfo, wish: Wish): Query {
  return ownQuery(context, info, wish) ?? (queryFromInfo({ context, info, ...wish } as never) as Query);
}

/** The query as it is planned here; null where it is left to Pothos. */
export function ownQuery(
  context: Context,
  info: GraphQLResolveInfo,
  { typeName, path = [], select }: Wish,
): Query | null {
  const asking = askingOf(info);
  const type = info.schema.getType(typeName);
  if (!asking || !type) return null;
  return unless(NotPlanned, () => {
    const rows = new Planned(select, context);
    new Planner(context, asking, true).read(rows, type, at([asking.asked], path));
    return { select: rows.select };
  });
}

/**
 * The selection of a field that depends on its arguments, with what the types of the rows inside of it always select: a
 * row that another field loaded for itself may lack that. What else is selected of them is for their fields to find out.
 * Null where it cannot be told.
 */
export function selectionOf(
  select: SelectFunction,
  context: Context,
  info: GraphQLResolveInfo,
): Select | null {
  const asking = askingOf(info);
  return asking && unless(NotPlanned, () => new Planner(context, asking, false).ask(asking.asked, select));
}

/** Plans for one request: all that is asked inside of fields, or only what the types of their rows always need. */
class Planner {
  readonly #context: Context;
  readonly #asking: Asking;
  readonly #isWhole: boolean;

  constructor(context: Context, asking: Asking, isWhole: boolean) {
    this.#context = context;
    this.#asking = asking;
    this.#isWhole = isWhole;
  }

  /** Add what rows of a type need to answer what is asked inside of fields. */
  read(rows: Planned, type: GraphQLNamedType, fields: readonly Asked[]): void {
    if (fields.length === 0) return;
    if (!isObjectType(type)) throw new NotPlanned();
    for (const field of fields) {
      const { columns, others } = readingOf(type, this.#isWhole ? field : null);
      rows.addColumns(columns);
      for (const { selectOf, asked } of others) rows.add(selectOf(this), asked);
    }
  }

  /** What a field selects by a function. */
  ask(field: Asked, select: SelectFunction): Select {
    if ((field.definition.extensions as Selecting).pothosArgMappers?.length) throw new NotPlanned();
    const args = this.#asking.argumentsOf(field);
    const nested = (given: unknown, path: unknown = []): object => {
      if (!isPath(path)) throw new NotPlanned();
      const made = typeof given === 'function' ? given(args, this.#context) : given;
      const query = made === true ? {} : (made ?? {});
      if (isPromise(query) || 'include' in query) throw new NotPlanned();
      return this.#nested(query, at([field], path));
    };
    const made = select(args, this.#context, nested, selectedIn(field));
    if (isPromise(made)) throw new NotPlanned();
    return made?.select ?? {};
  }

  /** What a field reads besides. Of what is wrong with its arguments its resolver tells, at its own place. */
  askMore(field: Asked, readsMore: ReadsMore): Select {
    const read = () => readsMore(this.#asking.argumentsOf(field), this.#context, selectedIn(field));
    return unless(GraphQLError, read) ?? {};
  }

  /** A query for rows that fields answer, with what is asked inside of them. */
  #nested(query: Query, fields: readonly Asked[]): Query {
    const [field] = fields;
    const type = field && getNamedType(field.definition.type);
    if (!type || !(type.extensions as Selecting).pothosPrismaModel) return query;
    const { select = {}, ...rest } = query;
    const rows = new Planned(select, this.#context);
    this.read(rows, type, fields);
    return { ...rest, select: rows.select };
  }
}

/** What fields select of rows of a type, worked out once for all requests: columns, and what is to be asked each time. */
interface Reading {
  columns: Select;
  others: readonly Other[];
}

interface Other {
  selectOf: (planner: Planner) => Select;
  /** The field that is answered by all of it. */
  asked: Asked | null;
}

const readings = new WeakMap<object, Reading>();

/** What rows of a type need always, and to answer what is asked inside of a field. */
function readingOf(type: GraphQLObjectType, field: Asked | null): Reading {
  const fields = field?.inside(type);
  const key = fields ?? type;
  const known = readings.get(key);
  if (known) return known;
  const made = newReading(type.extensions, fields ?? []);
  readings.set(key, made);
  return made;
}

function newReading(type: Selecting, fields: readonly Asked[]): Reading {
  const { pothosPrismaModel: model, pothosPrismaSelect: always, pothosIndirectInclude } = type;
  if (!model || typeof always !== 'object' || pothosIndirectInclude) throw new NotPlanned();
  const columns: Record<string, unknown> = {};
  const others: Other[] = [];
  const note = (select: Select, asked: Asked | null): void => {
    if (Object.keys(select).every((name) => isColumn(model, name))) Object.assign(columns, select);
    else others.push({ selectOf: () => select, asked });
  };
  note(always, null);
  for (const asked of fields) {
    const { pothosPrismaSelect: select, readsMore } = asked.definition.extensions as Selecting;
    if (readsMore) others.push({ selectOf: (planner) => planner.askMore(asked, readsMore), asked: null });
    if (typeof select === 'function')
      others.push({ selectOf: (planner) => planner.ask(asked, select), asked });
    else if (select) note(select, asked);
  }
  return { columns, others };
}

const selectedIn =
  (field: Asked): Selected =>
  (path) =>
    at([field], path).length > 0;

const isPath = (path: unknown): path is readonly string[] =>
  Array.isArray(path) && path.every((name) => typeof name === 'string');

function at(fields: readonly Asked[], path: readonly string[]): readonly Asked[] {
  const found = askedAt(fields, path);
  if (!found) throw new NotPlanned();
  return found;
}
