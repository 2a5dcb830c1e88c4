// The fields that every event has, whether it is read from a feed, a timeline or the audit log.

import DataLoader from 'dataloader';
import { encodeCursor } from '../core/cursor.ts';
import { db } from '../core/db.ts';
import { type LogEvent, logEpoch } from '../core/event-log.ts';
import { type FieldChange, listEvents } from '../core/events.ts';
import { toGlobalId } from '../core/ids.ts';
import type { Text } from '../core/texts.ts';
import { now } from '../core/time.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';

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
    name: t.string({
      nullable: true,
      description: 'Name of the person, where a member of staff acted.',
      resolve: (event, _args, context) =>
        event.actorKind === 'STAFF' && event.actorId ? nameOf(context, event.actorId) : null,
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
      resolve: (item: Item) => encodeCursor({ epoch: logEpoch(), seq: seqOf(item) }),
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
        'What the event says beyond its changes; its shape belongs to its type. Null in a heartbeat.',
      resolve: (item: Item) => eventOf(item)?.payload ?? null,
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

const names = new WeakMap<Context, DataLoader<string, string | null>>();

/** Name of a member of staff; asked for by every event of an answer, read once for all of them. */
function nameOf(context: Context, staffId: string): Promise<string | null> {
  const loader =
    names.get(context) ??
    new DataLoader<string, string | null>(async (ids) => {
      const people = await db.staffPerson.findMany({
        where: { staffId: { in: [...ids] } },
        select: { staffId: true, name: true },
      });
      const byId = new Map(people.map((person) => [person.staffId, person.name]));
      return ids.map((id) => byId.get(id) ?? null);
    });
  names.set(context, loader);
  return loader.load(staffId);
}
