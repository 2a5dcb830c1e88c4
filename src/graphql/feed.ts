// Live feeds: subscriptions over the event log, with filter, resume and heartbeat.

import { GraphQLError } from 'graphql';
import { z } from 'zod';
import type { Actor, Permission } from '../core/actor.ts';
import { decodeCursor } from '../core/cursor.ts';
import {
  currentHead,
  eventsAfter,
  isClosed,
  isOfThisLog,
  type LogEvent,
  logEpoch,
  loggedAfter,
  logTip,
  waitBeyond,
} from '../core/event-log.ts';
import { listEvents } from '../core/events.ts';
import type { Text } from '../core/texts.ts';
import { now } from '../core/time.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { eventFields } from './event-fields.ts';
import { inputFields, parseArgs } from './input.ts';
import { requestError } from './request-errors.ts';
import { scopesOf } from './scope.ts';

const HEARTBEAT_MS = 30_000;
const REACH_BACK_MS = 7 * 24 * 3_600_000;
/** Events in one reading from which a reader who had caught up is found slow. */
const SLOW_FROM = 200;
/** Events by which a reader who was found slow may be behind. */
const BEHIND_MAX = 10_000n;

/** What a feed yields: an event, or a heartbeat that only says how far the log was read. */
interface FeedItem {
  seq: bigint;
  event: LogEvent | null;
  inFilter: boolean;
  /** Older events of the object that the item stands for. */
  skipped: number;
}

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
        resolve: (item) => item.skipped,
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
        const place = context.startAt ?? (args.after ? await resumePlace(args.after) : await currentHead());
        return watch(options, filter as z.output<Filter>, place, context);
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

/** How many events of one object in one reading are told as one: for slow readers any two, for others a burst. */
const TOLD_AS_ONE = { replay: Number.POSITIVE_INFINITY, live: 20, slow: 1 } as const;

async function* watch<Filter extends z.ZodType>(
  options: FeedOptions<Filter>,
  filter: z.output<Filter>,
  from: bigint,
  { actor, signal, seat, startAt }: Context,
): AsyncGenerator<FeedItem> {
  const isTold = (event: LogEvent) =>
    event.entityType === options.entity &&
    options.visible(actor, event) &&
    (options.matches(filter, event.facets) || options.matches(filter, facetsBefore(event)));
  const heartbeat = () => ({ seq: position, event: null, inFilter: true, skipped: 0 });
  let position = from;
  let pace: keyof typeof TOLD_AS_ONE = startAt === undefined ? 'replay' : 'live';
  let heartbeatAt = Date.now() + HEARTBEAT_MS;
  if (startAt === undefined) yield heartbeat();
  while (!signal.aborted && !isClosed()) {
    const events = await eventsAfter(position);
    // So much does not happen while a reader takes an item, unless the reader is slow.
    if (pace === 'live' && events.length > SLOW_FROM) pace = 'slow';
    if (pace === 'slow' && logTip() - position > BEHIND_MAX) throw resync(tooSlow);
    for (const { event, skipped } of coalesced(events.filter(isTold), TOLD_AS_ONE[pace])) {
      if (signal.aborted) break;
      position = event.seq;
      heartbeatAt = Date.now() + HEARTBEAT_MS;
      yield { seq: position, event, inFilter: options.matches(filter, event.facets), skipped };
    }
    if (signal.aborted) break;
    position = events.at(-1)?.seq ?? position;
    if (Date.now() >= heartbeatAt) {
      heartbeatAt = Date.now() + HEARTBEAT_MS;
      yield heartbeat();
      // While the reader took it, something may have happened.
      continue;
    }
    if (events.length > 0) continue;
    if (pace === 'replay') pace = 'live';
    const rested = await seat?.rest(position);
    if (rested) {
      position = rested.position;
      pace = rested.isSlow ? 'slow' : 'live';
      heartbeatAt = Date.now() + HEARTBEAT_MS;
    } else await waitBeyond(position, heartbeatAt - Date.now(), signal);
  }
  if (signal.reason instanceof GraphQLError) throw signal.reason;
}

/** Events that are told: of an object that has more than `max` in a reading, the newest, with what all of them changed. */
function coalesced(events: readonly LogEvent[], max: number): { event: LogEvent; skipped: number }[] {
  const byEntity = Map.groupBy(events, ({ entityId }) => entityId);
  return events.flatMap((event) => {
    const own = byEntity.get(event.entityId) ?? [];
    if (own.length <= max) return [{ event, skipped: 0 }];
    if (event !== own.at(-1)) return [];
    return [{ event: { ...event, changes: changesOfAll(own) }, skipped: own.length - 1 }];
  });
}

/** What several events of one object changed together, each field from its first value to its last. */
function changesOfAll(events: readonly LogEvent[]): LogEvent['changes'] {
  const changes = new Map<string, LogEvent['changes'][number]>();
  for (const change of events.flatMap((event) => event.changes)) {
    const first = changes.get(change.field);
    changes.set(change.field, first && 'before' in first ? { ...change, before: first.before } : change);
  }
  return [...changes.values()];
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
  if (!place || place.epoch !== logEpoch())
    throw resync({ en: 'the cursor belongs to another database', zh: '游标属于另一个数据库' });
  if (place.seq > (await currentHead()))
    throw resync({ en: 'the cursor lies ahead of the log', zh: '游标超前于事件日志' });
  if (!(await isOfThisLog(place)))
    throw resync({
      en: 'the cursor is of a history that was lost when the database was restored',
      zh: '游标所属的历史已在数据库恢复时丢失',
    });
  const next = await loggedAfter(place.seq);
  if (next && now().getTime() - next.getTime() > REACH_BACK_MS)
    throw resync({ en: 'the cursor is older than 7 days', zh: '游标已超过 7 天' });
  return place.seq;
}

const tooSlow: Text = { en: 'you read too slowly', zh: '读取速度过慢' };

const resync = (why: Text): GraphQLError => requestError('RESYNC', { params: { why } });
