// The fields that every event has, whether it is read from a feed, a timeline or the audit log.

import { encodeCursor } from '../core/cursor.ts';
import { type LogEvent, placeAt, placeOf } from '../core/event-log.ts';
import { type FieldChange, listEvents, payloadFor } from '../core/events.ts';
import { toGlobalId } from '../core/ids.ts';
import { reasonIn, type Text } from '../core/texts.ts';
import { now } from '../core/time.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { EventActor } from './event-actor.ts';

const FieldChangeType = builder.objectRef<FieldChange>('FieldChange').implement({
  description: 'One field before and after a change.',
  fields: (t) => ({
    field: t.exposeString('field', { description: 'Name of the field.' }),
    before: t.field({
      type: 'JSON',
      nullable: true,
      description: 'Value before; null when there was none or it is withheld.',
      resolve: (change, _args, { actor }) => reasonIn(actor.locale, change.before) ?? null,
    }),
    after: t.field({
      type: 'JSON',
      nullable: true,
      description: 'Value after; null when there is none or it is withheld.',
      resolve: (change, _args, { actor }) => reasonIn(actor.locale, change.after) ?? null,
    }),
    withheld: t.boolean({
      description: 'True for personal and secret fields: that they changed is all that is kept.',
      resolve: (change) => change.withheld === true,
    }),
  }),
});

/** An event as far as its fields tell of it. */
export type EventRow = Pick<
  LogEvent,
  | 'eventId'
  | 'type'
  | 'payload'
  | 'occurredAt'
  | 'actorKind'
  | 'actorId'
  | 'entityType'
  | 'entityId'
  | 'version'
  | 'changes'
  | 'seq'
>;

/** The common fields, given how to get the event and its place from the item that carries it. */
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
      resolve: (item: Item) => {
        const event = eventOf(item);
        return event
          ? encodeCursor(placeOf(event))
          : Promise.resolve(placeAt(seqOf(item))).then(encodeCursor);
      },
    }),
    type: make({
      type: 'String',
      description: 'Name of the event, or `heartbeat`.',
      resolve: (item: Item) => eventOf(item)?.type ?? 'heartbeat',
    }),
    title: make({
      type: 'String',
      description: 'What happened, in the language of the request; `heartbeat` in a heartbeat.',
      resolve: (item: Item, _args: unknown, { actor }: Context) => {
        const type = eventOf(item)?.type;
        return type ? (titles().get(type)?.[actor.locale] ?? type) : 'heartbeat';
      },
    }),
    payload: make({
      type: 'JSON',
      nullable,
      description:
        'What the event says beyond its changes; its shape belongs to its type. Reasons that the product itself gives are in the language of the request. What colleagues wrote for each other is left out for partners. Null in a heartbeat.',
      resolve: (item: Item, _args: unknown, { actor }: Context) => {
        const event = eventOf(item);
        return event && payloadFor(actor, event);
      },
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

let byType: Map<string, Text> | undefined;

const titles = (): Map<string, Text> => {
  byType ??= new Map(listEvents().map((event) => [event.type, event.title]));
  return byType;
};
