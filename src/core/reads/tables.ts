// The tables behind Prisma's models: their columns, what their values are in JSON, and how rows refer to each other.

import { getDatamodel } from '../../generated/pothos.ts';

export interface Column {
  /** Quoted name. */
  sql: string;
  /** What stands in JSON for it where its own value would lose something. */
  cast: string;
  /** Makes of the JSON value what Prisma would give; null: it is that already. */
  read: ((value: unknown) => unknown) | null;
  isList: boolean;
}

export interface Relation {
  table: string;
  isList: boolean;
  /** True where every row has one. */
  isRequired: boolean;
  /** Quoted columns that are equal: of the row, and of those that it is related to. */
  mine: string;
  theirs: string;
  /** The same relation seen from the other side, where it has a name there. */
  inverse: string;
}

export interface Table {
  /** Quoted name. */
  sql: string;
  columns: ReadonlyMap<string, Column>;
  relations: ReadonlyMap<string, Relation>;
}

/** What Prisma's client knows of the names in the database. */
interface RuntimeModel {
  dbName?: string | null;
  fields: readonly { name: string; dbName?: string }[];
}

const quoted = (name: string): string => `"${name}"`;

const { models } = getDatamodel().datamodel;

type Field = (typeof models)[string]['fields'][number];

/** A list that rows whose `id` is a UUID have, and Prisma does not know: their events in the log. */
const EVENTS = '_events';

/** The tables of all models. */
export function tablesOf(runtime: Readonly<Record<string, RuntimeModel>>): ReadonlyMap<string, Table> {
  const columnOf = (model: string, name: string): string =>
    quoted(runtime[model]?.fields.find((field) => field.name === name)?.dbName ?? name);
  const relationOf = (model: string, field: Field): Relation => {
    const back = otherSide(model, field);
    const mine = field.relationFromFields ?? [];
    const theirs = back.relationFromFields ?? [];
    const own = mine[0] ?? idOf(model);
    const other = theirs[0] ?? idOf(field.type);
    return {
      table: field.type,
      isList: field.isList,
      isRequired: field.isRequired && mine.length > 0,
      mine: columnOf(model, own),
      theirs: columnOf(field.type, other),
      inverse: back.name,
    };
  };
  const eventsOf = (model: string): Relation => ({
    table: 'Event',
    isList: true,
    isRequired: false,
    mine: columnOf(model, 'id'),
    theirs: columnOf('Event', 'entityId'),
    inverse: '',
  });
  return new Map(
    Object.entries(models).map(([model, { fields }]) => [
      model,
      {
        sql: quoted(runtime[model]?.dbName ?? model),
        columns: new Map(
          fields
            .filter(({ kind }) => kind !== 'object')
            .map((field) => [field.name, columnFor(field, columnOf(model, field.name))]),
        ),
        relations: new Map([
          ...fields
            .filter(({ kind }) => kind === 'object')
            .map((field) => [field.name, relationOf(model, field)] as const),
          ...(hasUuid(model) ? [[EVENTS, eventsOf(model)] as const] : []),
        ]),
      },
    ]),
  );
}

const idOf = (model: string): string => models[model]?.fields.find(({ isId }) => isId)?.name ?? '';

const hasUuid = (model: string): boolean =>
  models[model]?.fields.some(({ name, isId, type }) => name === 'id' && isId && type === 'String') === true;

function otherSide(model: string, { name, type, relationName }: Field): Field {
  const found = models[type]?.fields.find(
    (field) => field.relationName === relationName && (type !== model || field.name !== name),
  );
  if (!found) throw new Error(`${model}.${name} has no other side`);
  return found;
}

function columnFor({ type, kind, isList }: Field, sql: string): Column {
  const known = kind === 'enum' ? plain : valuesOf[type];
  if (!known) throw new Error(`columns of ${type} cannot be read`);
  const { cast, read } = known;
  return { sql, cast, read: isList && read ? (values) => (values as unknown[]).map(read) : read, isList };
}

const plain: Pick<Column, 'cast' | 'read'> = { cast: '', read: null };

const valuesOf: Readonly<Record<string, Pick<Column, 'cast' | 'read'>>> = {
  String: plain,
  Int: plain,
  Boolean: plain,
  Json: plain,
  DateTime: { cast: '', read: (value) => new Date(value as string) },
  BigInt: { cast: '::text', read: (value) => BigInt(value as string) },
};
