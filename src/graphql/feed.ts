// Live feeds: subscriptions over the event log, with filter, resume and heartbeat.

import { GraphQLError } from 'graphql';
import { z } from 'zod';
import type { Actor, Permission } from '../core/actor.ts';
import { decodeCursor, encodeCursor } from '../core/cursor.ts';
import {
  currentHead,
  eventsAfter,
  isClosed,
  type LogEvent,
  logEpoch,
  loggedAfter,
  waitBeyond,
} from '../core/event-log.ts';
import type { FieldChange } from '../core/events.ts';
import { listEvents } from '../core/events.ts';
import { toGlobalId } from '../core/ids.ts';
import { now } from '../core/time.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { inputFields, parseArgs } from './input.ts';
import { scopesOf } from './payload.ts';

const HEARTBEAT_MS = 30_000;
const REACH_BACK_MS = 7 * 24 * 3_600_000;

/** What a feed yields: an event, or a heartbeat that only says how far the log was read. */
export interface FeedItem {
  seq: bigint;
  event: LogEvent | null;
  inFilter: boolean;
}

const FieldChangeType = builder.objectRef<FieldChange>('FieldChange').implement({
  description: 'One field before and after a change.',
  fields: (t) => ({
    field: t.exposeString('field', { description: 'Name of the field.' }),
    before: t.field({
      type: 'JSON',
      nullable: true,
      description: 'Value before; null when there was none or it is withheld.',
      resolve: (change) => change.before ?? null,
    }),
    after: t.field({
      type: 'JSON',
      nullable: true,
      description: 'Value after; null when there is none or it is withheld.',
      resolve: (change) => change.after ?? null,
    }),
    withheld: t.boolean({
      description: 'True for personal and secret fields: that they changed is all that is kept.',
      resolve: (change) => change.withheld === true,
    }),
  }),
});

const EventActor = builder.objectRef<{ actorKind: string; actorId: string | null }>('EventActor').implement({
  description: 'Who made a change.',
  fields: (t) => ({
    kind: t.string({
      description: '`STAFF`, `CUSTOMER`, `KEY`, `SYSTEM` or `ANONYMOUS`.',
      resolve: (event) => event.actorKind,
    }),
    nodeId: t.id({
      nullable: true,
      description: 'Id of the person, where a person acted.',
      resolve: (event) =>
        event.actorKind === 'STAFF' && event.actorId ? toGlobalId('Staff', event.actorId) : null,
    }),
  }),
});

type EventRow = Pick<
  LogEvent,
  'type' | 'occurredAt' | 'actorKind' | 'actorId' | 'entityType' | 'entityId' | 'version' | 'changes' | 'seq'
>;

/** The fields that every event has, whether it is read from a feed, a timeline or the audit log. */
export const eventFields = <Item>(
  t: object,
  eventOf: (item: Item) => EventRow | null,
  seqOf: (item: Item) => bigint,
) => {
  const fields = t as PothosSchemaTypes.ObjectFieldBuilder<never, Item>;
  const make = fields.field.bind(fields) as unknown as (options: object) => never;
  const nullable = true;
  return {
    cursor: make({
      type: 'EventCursor',
      description: 'Place in the event log; hand the last one back as `after` to resume.',
      resolve: (item: Item) => encodeCursor({ epoch: logEpoch(), seq: seqOf(item) }),
    }),
    type: make({
      type: 'String',
      description: 'Name of the event, or `heartbeat`.',
      resolve: (item: Item) => eventOf(item)?.type ?? 'heartbeat',
    }),
    occurredAt: make({
      type: 'DateTime',
      description: 'When the change was made.',
      resolve: (item: Item) => eventOf(item)?.occurredAt ?? now(),
    }),
    actor: make({
      type: EventActor,
      nullable,
      description: 'Who made the change; null in a heartbeat.',
      resolve: (item: Item) => eventOf(item),
    }),
    nodeId: make({
      type: 'ID',
      nullable,
      description: 'Id of the changed object; null in a heartbeat.',
      resolve: (item: Item) => {
        const event = eventOf(item);
        return event ? toGlobalId(event.entityType, event.entityId) : null;
      },
    }),
    version: make({
      type: 'Int',
      nullable,
      description: 'Version that the change gave the object: one more than before. Null in a heartbeat.',
      resolve: (item: Item) => eventOf(item)?.version ?? null,
    }),
    changes: make({
      type: [FieldChangeType],
      description: 'What changed, field by field.',
      resolve: (item: Item) => eventOf(item)?.changes ?? [],
    }),
  };
};

interface FeedOptions<Filter extends z.ZodType> {
  /** GraphQL type of the entity; its events are the feed. */
  entity: string;
  /** Name of the field that carries the entity: `order`. */
  noun: string;
  description: string;
  scope: Permission;
  filter: Filter;
  /** Whether the filter holds for an entity with these facets. Pure. */
  matches: (filter: z.output<Filter>, facets: Readonly<Record<string, unknown>>) => boolean;
  /** Whether the actor may see the entity of an event, by the event's routing columns. */
  visible: (actor: Actor, event: LogEvent) => boolean;
  /** The entity as it is now, if the actor may see it. */
  load: (query: object, id: string, actor: Actor) => Promise<unknown>;
}

/** Define a feed: `name(filter, after)`, first item and one every 30 s a heartbeat. */
export function feed<Filter extends z.ZodObject>(name: string, options: FeedOptions<Filter>): void {
  const schema = z.object({
    filter: options.filter.optional().meta({
      graphql: `${options.entity}EventFilter`,
      description: 'Only objects that match all of this, before or after the change.',
    }),
  });
  const Item = builder.objectRef<FeedItem>(`${options.entity}Event`);
  Item.implement({
    description: `A change of a ${options.entity}, or a heartbeat. ${eventNames(options.entity)}`,
    fields: (t) => ({
      ...eventFields<FeedItem>(
        t,
        (item) => item.event,
        (item) => item.seq,
      ),
      skipped: t.int({
        description:
          'How many older events of this object the item stands for, when a slow reader is served the newest only.',
        resolve: () => 0,
      }),
      inFilter: t.exposeBoolean('inFilter', {
        description: 'False when the object left the filter with this change.',
      }),
      [options.noun]: t.prismaField({
        type: options.entity as 'Order',
        nullable: true,
        description: 'The object as it is now; null in a heartbeat and when it may no longer be seen.',
        resolve: ((query: object, item: FeedItem, _args: unknown, { actor }: Context) => {
          const selected = { ...query };
          return item.event ? options.load(selected, item.event.entityId, actor) : null;
        }) as never,
      }),
    }),
  });
  builder.subscriptionField(name, (t) =>
    t.field({
      type: Item,
      description: options.description,
      authScopes: scopesOf(options.scope),
      args: {
        ...(inputFields(schema, (field) => t.arg(field as never)) as object),
        after: t.arg({
          type: 'EventCursor',
          required: false,
          description:
            'Resume after this cursor, up to 7 days back; older or foreign ones end with RESYNC_REQUIRED. Without it the feed starts now.',
        }),
      },
      subscribe: (async (_root: unknown, args: { filter?: unknown; after?: string }, context: Context) => {
        const { filter } = parseArgs(schema, { filter: args.filter ?? {} });
        const from = args.after ? await resumePlace(args.after) : await currentHead();
        return watch(options, filter as z.output<Filter>, from, context);
      }) as never,
      resolve: (item) => item as never,
    }),
  );
}

const eventNames = (entity: string): string =>
  `Its types: ${listEvents()
    .filter((event) => event.entity === entity)
    .map((event) => `\`${event.type}\` (${event.title.en})`)
    .join(', ')}, \`heartbeat\`.`;

async function* watch<Filter extends z.ZodType>(
  options: FeedOptions<Filter>,
  filter: z.output<Filter>,
  from: bigint,
  { actor, signal }: Context,
): AsyncGenerator<FeedItem> {
  let position = from;
  let beatAt = Date.now() + HEARTBEAT_MS;
  yield { seq: position, event: null, inFilter: true };
  while (!signal.aborted && !isClosed()) {
    const events = await eventsAfter(position);
    for (const event of events) {
      if (signal.aborted) break;
      position = event.seq;
      if (event.entityType !== options.entity || !options.visible(actor, event)) continue;
      const inFilter = options.matches(filter, event.facets);
      if (!inFilter && !options.matches(filter, facetsBefore(event))) continue;
      beatAt = Date.now() + HEARTBEAT_MS;
      yield { seq: position, event, inFilter };
    }
    if (Date.now() >= beatAt) {
      beatAt = Date.now() + HEARTBEAT_MS;
      yield { seq: position, event: null, inFilter: true };
    }
    if (events.length === 0) await waitBeyond(position, beatAt - Date.now(), signal);
  }
  if (signal.reason instanceof GraphQLError) throw signal.reason;
}

/** The facets as they were before an event: what it changed, turned back. */
function facetsBefore(event: LogEvent): Record<string, unknown> {
  const facets = { ...event.facets };
  for (const change of event.changes) if (change.field in facets) facets[change.field] = change.before;
  return facets;
}

/** Place to resume from. Ends the operation with RESYNC_REQUIRED when the log cannot continue from the cursor. */
async function resumePlace(cursor: string): Promise<bigint> {
  const place = decodeCursor(cursor);
  if (!place || place.epoch !== logEpoch()) throw resync('the cursor belongs to another database');
  if (place.seq > (await currentHead())) throw resync('the cursor lies ahead of the log');
  const next = await loggedAfter(place.seq);
  if (next && now().getTime() - next.getTime() > REACH_BACK_MS)
    throw resync('the cursor is older than 7 days');
  return place.seq;
}

const resync = (why: string): GraphQLError =>
  new GraphQLError(`Read the lists anew and watch from their eventCursor: ${why}.`, {
    extensions: { code: 'RESYNC_REQUIRED' },
  });

builder.queryField('eventCursor', (t) =>
  t.field({
    type: 'EventCursor',
    description:
      'The end of the event log, read before every other field of the query: lists read beside it and a feed that starts `after` it leave no gap.',
    authScopes: { signedIn: true },
    resolve: (_root, _args, context) => cursorOf(context),
  }),
);

const cursors = new WeakMap<Context, Promise<string>>();

/** The cursor of this request: read once, and before any root field when the operation selects it. */
export function cursorOf(context: Context): Promise<string> {
  let cursor = cursors.get(context);
  if (!cursor) {
    cursor = currentHead().then((seq) => encodeCursor({ epoch: logEpoch(), seq }));
    cursors.set(context, cursor);
  }
  return cursor;
}

const BOARD_MS = 1_000;

/** A board's values: the one now, then a new one after events that concern it, at most one a second. */
export async function* board<Value>(
  { signal }: Context,
  concerns: (event: LogEvent) => boolean,
  value: () => Value,
): AsyncGenerator<Value> {
  let position = await currentHead();
  yield value();
  let sentAt = Date.now();
  while (!signal.aborted && !isClosed()) {
    const events = await eventsAfter(position);
    position = events.at(-1)?.seq ?? position;
    if (events.some(concerns)) {
      await waitBeyond(2n ** 62n, sentAt + BOARD_MS - Date.now(), signal);
      if (signal.aborted) break;
      // What happened during the pause is in the value as well.
      position = (await eventsAfter(position)).at(-1)?.seq ?? position;
      sentAt = Date.now();
      yield value();
    } else if (events.length === 0) {
      await waitBeyond(position, HEARTBEAT_MS, signal);
    }
  }
  if (signal.reason instanceof GraphQLError) throw signal.reason;
}
