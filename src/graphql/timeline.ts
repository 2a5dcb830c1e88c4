// The history of one object: its events from the log, oldest first.

import DataLoader from 'dataloader';
import type { GraphQLResolveInfo } from 'graphql';
import { isInternal } from '../core/actor.ts';
import { db } from '../core/db.ts';
import { currentHead, type LogEvent } from '../core/event-log.ts';
import { payloadFor } from '../core/events.ts';
import { type Query, Row, type Select } from '../core/reads/rows.ts';
import { builder } from './builder.ts';
import { connectionType } from './connection.ts';
import type { Context } from './context.ts';
import { type EventRow, eventFields } from './event-fields.ts';
import { type Delegate, delegateOf } from './nodes.ts';
import { connectionOf, NODES, type Page, type PageArgs, pageOf } from './page.ts';
import { perArguments, perContext } from './per-context.ts';
import { isAsked } from './plan/asked.ts';
import type { ReadsMore, Selected } from './plan.ts';
import { after } from './promises.ts';

/** An event as the log keeps it. */
type Logged = EventRow & Pick<LogEvent, 'requestId' | 'source'>;

builder.objectRef<Logged>('Event').implement({
  description:
    'A change of an object, as the log keeps it for at least three years. Never changed or deleted.',
  fields: (t) => ({
    ...eventFields<Logged>(
      t,
      (row) => row,
      (row) => row.seq,
    ),
    // Only feeds have heartbeats: an event of the log always says something.
    payload: t.field({
      type: 'JSON',
      description:
        'What the event says beyond its changes; its shape belongs to its type. Reasons that the product itself gives are in the language of the request. What colleagues wrote for each other is left out for partners.',
      resolve: (row, _args, { actor }) => payloadFor(actor, row),
    }),
    requestId: t.exposeString('requestId', { description: 'The request in which the change was made.' }),
    source: t.exposeString('source', {
      description: 'Door of the request: `http`, `ws`, `sse`, or a job’s name.',
    }),
  }),
});

const pageFor = perArguments((args: PageArgs) => pageOf(args, [['seq', 'asc']]));

/** Columns of all events that are told. */
const COLUMNS: readonly (keyof Logged)[] = [
  'seq',
  'eventId',
  'type',
  'entityType',
  'entityId',
  'version',
  'actorKind',
  'actorId',
  'requestId',
  'source',
  'occurredAt',
];
/** Columns that are long, and read for who asks for the field of that name. */
const LONG: readonly (keyof Logged)[] = ['changes', 'payload'];

/** The events of one object on a page. */
const eventsOn = ({ where, orderBy, take }: Page, selected: Selected): Query => ({
  ...(where ? { where } : {}),
  orderBy,
  take: take + 1,
  select: columnsRead([...COLUMNS, ...LONG.filter((name) => selected([...NODES, name]))]),
});

const columnsRead = (names: readonly string[]): Select =>
  Object.fromEntries(names.map((name) => [name, true]));

const readsMore: ReadsMore<PageArgs> = (args, { actor }, selected) =>
  isInternal(actor) ? { _events: eventsOn(pageFor(args), selected), _waiting: true } : {};

/** An object that has a history, and what was read of it with the object. */
interface Historied {
  id: string;
  _events?: Logged[];
  _waiting?: boolean;
}

/**
 * A `timeline` field for an object whose type decides who may see it; histories name colleagues, so those outside the
 * department find it empty. It is read with the object, or else by one statement for all objects of a page.
 */
export function timeline(t: object): never {
  const fields = t as { field: (field: object) => never; arg: { connectionArgs: () => object } };
  return fields.field({
    type: connectionType('Event'),
    description: 'What happened to this object, oldest first. Empty for those outside the department.',
    select: { id: true },
    args: fields.arg.connectionArgs(),
    extensions: { readsMore },
    resolve: (row: Historied, args: PageArgs, context: Context, info: GraphQLResolveInfo) => {
      const page = pageFor(args);
      if (!isInternal(context.actor)) return connectionOf([], page, args, async () => 0);
      // What waits to be logged is to be moved first.
      const loaded =
        row._waiting === false
          ? Row.listOf(
              row,
              '_events',
              eventsOn(page, (path) => isAsked(info, path)),
            )
          : undefined;
      const events = (loaded as Logged[] | undefined) ?? historiesFor(context, info, args).load(row.id);
      return after(events, (rows) => connectionOf(rows, page, args, () => countsIn(context).load(row.id)));
    },
  });
}

const loadersIn = perContext(() => new Map<string, DataLoader<string, Logged[]>>());

/** Reads a page of the histories of objects of one type. */
function historiesFor(
  context: Context,
  info: GraphQLResolveInfo,
  args: PageArgs,
): DataLoader<string, Logged[]> {
  const type = info.parentType.name;
  const known = loadersIn(context);
  const key = JSON.stringify([type, args]);
  let loader = known.get(key);
  if (!loader) {
    const delegate = delegateOf(type, info);
    if (!delegate) throw new Error(`${type} has a history and is no Node`);
    // Not kept: of two acts in one operation the second would be told the history before it.
    loader = new DataLoader((ids) => readHistories(ids, delegate, pageFor(args)), { cache: false });
    known.set(key, loader);
  }
  return loader;
}

/**
 * Who has just changed something finds it in the history: what committed and is not in the log yet is moved there first.
 */
async function readHistories(ids: readonly string[], delegate: Delegate, page: Page): Promise<Logged[][]> {
  const _events = eventsOn(page, () => true);
  const query = { where: { id: { in: [...ids] } }, select: { id: true, _events, _waiting: true } };
  let rows: Historied[] = await delegate.findMany(query);
  if (rows.some(({ _waiting }) => _waiting)) {
    await currentHead();
    rows = await delegate.findMany(query);
  }
  const histories = new Map(rows.map((row) => [row.id, row._events]));
  return ids.map((id) => histories.get(id) ?? []);
}

/** How many events objects have: one statement for all objects of a page, and only when asked for. */
const countsIn = perContext(() => new DataLoader(countEvents, { cache: false }));

async function countEvents(ids: readonly string[]): Promise<number[]> {
  const entityId = { in: [...ids] };
  const groups = await db.event.groupBy({ by: ['entityId'], where: { entityId }, _count: { _all: true } });
  const counts = new Map(groups.map((group) => [group.entityId, group._count._all]));
  return ids.map((id) => counts.get(id) ?? 0);
}
