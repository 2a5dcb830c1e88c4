// Events: every change writes one in its own transaction. Names and payloads are declared by each domain's events.ts.

import { type Actor, isColleague, type Permission } from './actor.ts';
import type { Tx } from './db.ts';
import { newId } from './ids.ts';
import { reasonIn, type Text } from './texts.ts';

/** Event name → payload. Every domain adds its own by declaration merging. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by declaration merging
export interface EventMap {}
export type EventType = keyof EventMap & string;

/** One field's value before and after a change; a personal or secret field only says that it changed. */
export interface FieldChange {
  field: string;
  before?: unknown;
  after?: unknown;
  withheld?: true;
}

/** Values by which feeds filter: what the entity is like after the change. */
export type Facets = Readonly<Record<string, string | boolean | null | readonly string[]>>;

export interface NewEvent<Type extends EventType = EventType> {
  type: Type;
  payload: EventMap[Type];
  entityId: string;
  /** Version that the change gave the entity: exactly one more than before. */
  version: number;
  changes?: readonly FieldChange[];
  facets?: Facets;
  storeId?: string | null;
  customerId?: string | null;
  locationId?: string | null;
  occurredAt: Date;
}

/**
 * Title of an event, and the fields of its payload that colleagues wrote for colleagues. `history`: what it tells
 * happened long ago and elsewhere, so that nobody outside is told of it now.
 */
type EventText<Type extends EventType> = Text & {
  notes?: readonly (keyof EventMap[Type] & string)[];
  history?: true;
};

export interface EventEntity {
  /** GraphQL type of the entity; makes the event's `nodeId`. */
  type: string;
  /** Permission with which the entity is read, and so its events; null where everybody of the department reads it. */
  read: Permission | null;
  /** Fields whose values never enter `changes`. */
  withheld: ReadonlySet<string>;
  events: Readonly<Record<string, Text & { notes?: readonly string[]; history?: true }>>;
}

const entityByEvent = new Map<string, EventEntity>();

/** Register an entity's events with their titles, who reads them, and its personal and secret fields. */
export function defineEvents(entity: {
  type: string;
  read: Permission | null;
  withheld?: readonly string[];
  events: { [Type in EventType]?: EventText<Type> };
}): void {
  const registered = {
    type: entity.type,
    read: entity.read,
    withheld: new Set(entity.withheld),
    events: entity.events as EventEntity['events'],
  };
  for (const type of Object.keys(entity.events)) entityByEvent.set(type, registered);
}

/** Every event name with its entity and title, sorted by name. */
export const listEvents = (): { type: string; entity: string; title: Text }[] =>
  [...entityByEvent]
    .map(([type, entity]) => ({
      type,
      entity: entity.type,
      title: entity.events[type] ?? { en: type, zh: type },
    }))
    .sort((a, b) => (a.type < b.type ? -1 : 1));

/** True for events that take over what happened long ago: lists, timelines and the audit log have them, webhooks do not. */
export const isHistory = (type: string): boolean => entityByEvent.get(type)?.events[type]?.history === true;

/** Every entity that has events, and the permission with which it is read. */
export const listEntities = (): { type: string; read: Permission | null }[] =>
  [...new Set(entityByEvent.values())].map(({ type, read }) => ({ type, read }));

/**
 * The payload of an event as an actor may read it: reasons of the product in their language, and the notes only for
 * colleagues.
 */
export function payloadFor(
  actor: Actor,
  { type, payload }: { type: string; payload: Readonly<Record<string, unknown>> },
): Readonly<Record<string, unknown>> {
  const withheld = isColleague(actor) ? [] : (entityByEvent.get(type)?.events[type]?.notes ?? []);
  return Object.fromEntries(
    Object.entries(payload)
      .filter(([field]) => !withheld.includes(field))
      .map(([field, value]) => [field, reasonIn(actor.locale, value)]),
  );
}

/** The differences between two states of an entity, for the named fields, in their order. */
export function changesBetween<Entity extends object>(
  before: Entity | null,
  after: Entity,
  fields: readonly (keyof Entity & string)[],
): FieldChange[] {
  const changes: FieldChange[] = [];
  for (const field of fields) {
    const from = before?.[field] ?? null;
    const to = after[field] ?? null;
    if (textOf(from) !== textOf(to)) changes.push({ field, before: plain(from), after: plain(to) });
  }
  return changes;
}

/**
 * Record one event in the caller's transaction, after the row it describes was written: the row's lock then puts
 * one entity's events in commit order. The relay moves it to the log once the transaction has committed.
 */
export async function emit<Type extends EventType>(
  tx: Tx,
  actor: Actor,
  event: NewEvent<Type>,
): Promise<void> {
  await emitAll(tx, actor, [event]);
}

/** Record events of any number of entities in one statement, in the given order. */
export async function emitAll(tx: Tx, actor: Actor, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  const rows = textOf(events.map((event) => outboxRow(actor, event)));
  await tx.$executeRaw`
    INSERT INTO event_outbox (event_id, type, entity_type, entity_id, version, payload, changes, facets, actor_kind,
      actor_id, request_id, source, store_id, customer_id, location_id, occurred_at)
    SELECT "eventId", type, "entityType", "entityId", version, payload, changes, facets, "actorKind", "actorId",
      "requestId", source, "storeId", "customerId", "locationId", "occurredAt"
    FROM ROWS FROM (jsonb_to_recordset(${rows}::jsonb) AS ("eventId" uuid, type text, "entityType" text, "entityId" uuid,
      version int, payload jsonb, changes jsonb, facets jsonb, "actorKind" text, "actorId" uuid, "requestId" uuid,
      source text, "storeId" uuid, "customerId" uuid, "locationId" uuid, "occurredAt" timestamptz)) WITH ORDINALITY
    ORDER BY ordinality`;
}

function outboxRow(actor: Actor, event: NewEvent) {
  const entity = entityByEvent.get(event.type);
  if (!entity) throw new Error(`event ${event.type} is not defined`);
  const changes = (event.changes ?? []).map((change) =>
    entity.withheld.has(change.field) ? { field: change.field, withheld: true } : change,
  );
  return {
    eventId: newId(),
    type: event.type,
    entityType: entity.type,
    entityId: event.entityId,
    version: event.version,
    payload: event.payload,
    changes,
    facets: event.facets ?? {},
    actorKind: actor.kind,
    actorId: actor.id,
    requestId: actor.requestId,
    source: actor.source,
    storeId: event.storeId ?? null,
    customerId: event.customerId ?? null,
    locationId: event.locationId ?? null,
    occurredAt: event.occurredAt,
  };
}

/** A value as JSON keeps it. */
const plain = (value: unknown): unknown => JSON.parse(textOf(value));

/** A value in JSON: big integers as decimal strings, dates in ISO form. */
const textOf = (value: unknown): string =>
  JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? inner.toString() : inner)) ?? 'null';
