// A Prisma client that reads by statements of our own, outside of transactions and where they can say what is asked.

import type pg from 'pg';
import { type Read, readCount, readMany, type Values } from '../reads.ts';
import { unless } from '../unless.ts';
import { OURS, type Query, type Row } from './rows.ts';
import type { Table } from './tables.ts';
import { NotOurs } from './where.ts';

type Tables = ReadonlyMap<string, Table>;

/** Sends a statement. */
export type Send = (text: string, values: unknown[]) => Promise<pg.QueryArrayResult<unknown[]>>;

type Delegate = Record<string, (args?: object) => Promise<unknown>>;

/**
 * A Prisma client whose `findMany`, `findFirst` and `count` outside of transactions are sent as lean statements; what
 * they cannot say, and everything else, is the client’s own.
 */
export function withReads<Client extends object>(client: Client, tables: Tables, send: Send): Client {
  const own =
    <Statement extends object, Result>(
      write: (args: object) => Statement,
      run: (statement: Statement) => Promise<Result>,
      prisma: (args?: object) => Promise<unknown>,
    ) =>
    async (args: object = {}): Promise<unknown> => {
      const statement = unless(NotOurs, () => write(args));
      if (statement) return run(statement);
      // With what Prisma does not know the rows may have become too wide for a statement of ours.
      const words = inPrismasWords(args);
      const narrower = unless(NotOurs, () => write(words));
      return narrower ? run(narrower) : prisma(words);
    };
  const rowsFor = async ({ text, values, rowOf }: Read): Promise<Row[]> =>
    (await send(text, values)).rows.map(([row]) => rowOf(row as Values));
  const delegateFor = (model: string, delegate: Delegate): Delegate => {
    const inPrisma = (name: string) => (args?: object) => delegate[name]?.(args) as Promise<unknown>;
    const ours: Delegate = {
      findMany: own((args) => readMany(tables, model, args), rowsFor, inPrisma('findMany')),
      findFirst: own(
        (args) => {
          if ('take' in args) throw new NotOurs();
          return readMany(tables, model, { ...args, take: 1 });
        },
        async (read) => (await rowsFor(read))[0] ?? null,
        inPrisma('findFirst'),
      ),
      count: own(
        (args) => readCount(tables, model, args),
        async ({ text, values }) => (await send(text, values)).rows[0]?.[0],
        inPrisma('count'),
      ),
    };
    return new Proxy(delegate, {
      get: (target, name) => Reflect.get(Object.hasOwn(ours, name) ? ours : target, name),
    });
  };
  const given = new Map<PropertyKey, unknown>(
    [...tables.keys()].map((model) => {
      const name = model.charAt(0).toLowerCase() + model.slice(1);
      return [name, delegateFor(model, Reflect.get(client, name) as Delegate)];
    }),
  );
  return new Proxy(client, {
    get: (target, name) => (given.has(name) ? given.get(name) : Reflect.get(target, name)),
  });
}

/** A query without what Prisma does not know: the rows then come without that. */
function inPrismasWords(query: Query): Query {
  const { select } = query;
  if (!select) return query;
  const known = Object.entries(select).filter(([name]) => !OURS.includes(name));
  const words = known.map(([name, wanted]) => [
    name,
    typeof wanted === 'object' && wanted !== null ? inPrismasWords(wanted) : wanted,
  ]);
  return { ...query, select: Object.fromEntries(words) };
}
