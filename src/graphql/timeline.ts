// The history of one object: its events from the log, oldest first.

import DataLoader from 'dataloader';
import { isInternal } from '../core/actor.ts';
import { db, read } from '../core/db.ts';
import { currentHead } from '../core/event-log.ts';
import { type FieldChange, payloadFor } from '../core/events.ts';
import { Row, type RowsOf } from '../core/reads/rows.ts';
import type { Where } from '../core/reads/where.ts';
import { builder } from './builder.ts';
import { connectionType } from './connection.ts';
import type { Context } from './context.ts';
import { eventFields } from './event-fields.ts';
import { connectionOf, type Page, type PageArgs, pageOf } from './page.ts';
import { perArguments, perContext } from './per-context.ts';
import type { ReadsMore } from './plan.ts';
import { after } from './promises.ts';

/** An event as the log keeps it. */
export interface EventRow {
  seq: bigint;
  eventId: string;
  type: string;
  entityType: string;
  entityId: string;
  version: number;
  changes: FieldChange[];
  payload: Record<string, unknown>;
  actorKind: string;
  actorId: string | null;
  requestId: string;
  source: string;
  occurredAt: Date;
}

builder.objectRef<EventRow>('Event').implement({
  description:
    'A change of an object, as the log keeps it for at least three years. Never changed or deleted.',
  fields: (t) => ({
    ...eventFields<EventRow>(
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

const ORDERING = [['seq', 'asc']] as const;

const pageFor = perArguments((args: PageArgs) => pageOf(args, ORDERING));

/** An object that has a history. */
interface Logged {
  id: string;
  _waiting?: boolean;
}

/** Columns that are long, and read with an object only for who asks for the field of that name. */
const LONG = ['changes', 'payload'];

/** What is read of a history with its object. */
const readsMore: ReadsMore<PageArgs>['readsMore'] = (args, { actor }, selected) => {
  if (!isInternal(actor)) return {};
  const columns = NAMES.filter((name) => !LONG.includes(name) || selected(['edges', 'node', name]));
  const select = Object.fromEntries(columns.map((name) => [name, true]));
  return { _events: { ...eventsOn(pageFor(args)), select }, _waiting: true };
};

/** The events on a page, as a query for those of one object. */
const eventsOn = ({ where, orderBy, take }: Page): RowsOf => ({
  ...(where ? { where: where as Where } : {}),
  orderBy,
  take: take + 1,
});

/** The events on a page that were read with their object. None where more of them wait to be logged. */
const readWith = (row: Logged, page: Page): EventRow[] | undefined =>
  row._waiting === false ? (Row.listOf(row, '_events', eventsOn(page)) as EventRow[] | undefined) : undefined;

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
    extensions: { readsMore } satisfies ReadsMore<PageArgs>,
    resolve: (row: Logged, args: PageArgs, context: Context) => {
      const page = pageFor(args);
      if (!isInternal(context.actor)) return connectionOf([], page, args, async () => 0);
      return after(readWith(row, page) ?? eventsOf(context, page).load(row.id), (events) =>
        connectionOf(events, page, args, () => countsIn(context).load(row.id)),
      );
    },
  });
}

interface Slice {
  take: number;
  after: bigint | null;
  before: bigint | null;
  backwards: boolean;
}

const loadersIn = perContext(() => new Map<string, DataLoader<string, EventRow[]>>());

function eventsOf(context: Context, { where, take, backwards }: Page): DataLoader<string, EventRow[]> {
  const cursor = (where as { AND: [{ seq?: { gte?: bigint; lte?: bigint } }] } | undefined)?.AND[0].seq;
  const slice = { take: take + 1, after: cursor?.gte ?? null, before: cursor?.lte ?? null, backwards };
  const key = Object.values(slice).join();
  const known = loadersIn(context);
  let loader = known.get(key);
  if (!loader) {
    loader = new DataLoader((ids) => readEvents(ids, slice));
    known.set(key, loader);
  }
  return loader;
}

/** How many events objects have: one statement for all objects of a page, and only when asked for. */
const countsIn = perContext(() => new DataLoader(countEvents, { cache: false }));

async function countEvents(ids: readonly string[]): Promise<number[]> {
  const entityId = { in: [...ids] };
  const groups = await db.event.groupBy({ by: ['entityId'], where: { entityId }, _count: { _all: true } });
  const counts = new Map(groups.map((group) => [group.entityId, group._count._all]));
  return ids.map((id) => counts.get(id) ?? 0);
}

/**
 * The events of objects. Who has just changed something finds it in the history: what committed and is not in the log
 * yet is moved there first.
 */
async function readEvents(ids: readonly string[], slice: Slice): Promise<EventRow[][]> {
  let found = await readLog(ids, slice);
  if (found.isWaiting) {
    await currentHead();
    found = await readLog(ids, slice);
  }
  const byEntity = Map.groupBy(found.events, (row) => row.entityId);
  return ids.map((id) => byEntity.get(id) ?? []);
}

/** Events of objects, and whether more of them wait to be logged. */
async function readLog(
  ids: readonly string[],
  { take, after, before, backwards }: Slice,
): Promise<{ isWaiting: boolean; events: EventRow[] }> {
  const { rows } = await read(backwards ? LATEST : EARLIEST, [ids, after, before, take]);
  return {
    isWaiting: rows[0]?.[0] === true,
    events: rows.filter(([, seq]) => seq !== null).map(eventOf),
  };
}

/** Columns of the log, by the names that an event has them under. */
const COLUMNS: Readonly<Record<keyof EventRow, string>> = {
  seq: 'seq',
  eventId: 'event_id',
  type: 'type',
  entityType: 'entity_type',
  entityId: 'entity_id',
  version: 'version',
  changes: 'changes',
  payload: 'payload',
  actorKind: 'actor_kind',
  actorId: 'actor_id',
  requestId: 'request_id',
  source: 'source',
  occurredAt: 'occurred_at',
};
const NAMES = Object.keys(COLUMNS);

/** At least one row, which tells whether events of the objects wait to be logged. */
const logged = (direction: 'ASC' | 'DESC') => `
  SELECT outbox.waiting, e.*
  FROM (SELECT EXISTS (SELECT FROM event_outbox WHERE entity_id = ANY ($1::uuid[])) AS waiting) outbox
  LEFT JOIN (unnest($1::uuid[]) AS wanted (id) CROSS JOIN LATERAL (
    SELECT ${Object.values(COLUMNS).join(', ')}
    FROM event
    WHERE entity_id = wanted.id AND ($2::bigint IS NULL OR seq > $2) AND ($3::bigint IS NULL OR seq < $3)
    ORDER BY seq ${direction}
    LIMIT $4
  ) e) ON true
  ORDER BY e.seq ${direction}`;

const EARLIEST = logged('ASC');
const LATEST = logged('DESC');

/** An event of a row, behind the column that tells of the outbox. */
const eventOf = ([, ...values]: readonly unknown[]): EventRow => {
  const row = Object.fromEntries(NAMES.map((name, i) => [name, values[i]]));
  return { ...row, seq: BigInt(row.seq as string) } as EventRow;
};
