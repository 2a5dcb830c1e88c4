// Who made a change, as people know them: staff by their names, keys and machines by their partners.

import DataLoader from 'dataloader';
import { type Actor, can } from '../core/actor.ts';
import { db } from '../core/db.ts';
import { toGlobalId } from '../core/ids.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { textIn } from './text.ts';

interface Trace {
  actorKind: string;
  actorId: string | null;
}

interface Known {
  name: string;
  nodeId: string;
}

export const EventActor = builder.objectRef<Trace>('EventActor').implement({
  description: 'Who made a change.',
  fields: (t) => ({
    kind: t.string({
      description: '`STAFF`, `CUSTOMER`, `GUEST`, `KEY`, `SYSTEM` or `ANONYMOUS`.',
      resolve: (event) => event.actorKind,
    }),
    name: t.string({
      nullable: true,
      description:
        'Name of the person where a member of staff acted; «partner · key» or «partner · connection» where a program did. Keys read names of staff with `staff.read` only.',
      resolve: async (event, _args, context) => (await knownActor(context, event))?.name ?? null,
    }),
    nodeId: t.id({
      nullable: true,
      description: 'Id of the member of staff, the key or the connection that acted.',
      resolve: async (event, _args, context) => (await knownActor(context, event))?.nodeId ?? null,
    }),
  }),
});

const loaders = new WeakMap<Context, DataLoader<Trace, Known | null, string>>();

/** Asked for by every event of an answer, read once for all of them. */
function knownActor(context: Context, trace: Trace): Promise<Known | null> {
  const loader =
    loaders.get(context) ??
    new DataLoader<Trace, Known | null, string>((traces) => readActors(traces, context.actor), {
      cacheKeyFn: ({ actorKind, actorId }) => `${actorKind}:${actorId}`,
    });
  loaders.set(context, loader);
  return loader.load(trace);
}

async function readActors(traces: readonly Trace[], reader: Actor): Promise<(Known | null)[]> {
  const idsOf = (kind: string) =>
    traces.flatMap(({ actorKind, actorId }) => (actorKind === kind && actorId !== null ? [actorId] : []));
  const known = new Map<string, Known>();
  const seesStaff = reader.kind !== 'KEY' || can(reader, 'staff.read');
  await Promise.all([
    seesStaff ? readStaff(known, idsOf('STAFF')) : null,
    readPrograms(known, idsOf('KEY'), reader.locale),
  ]);
  return traces.map(({ actorId }) => known.get(actorId ?? '') ?? null);
}

async function readStaff(known: Map<string, Known>, ids: string[]): Promise<void> {
  if (ids.length === 0) return;
  const people = await db.staffPerson.findMany({ where: { staffId: { in: ids } } });
  for (const { staffId, name } of people) known.set(staffId, { name, nodeId: toGlobalId('Staff', staffId) });
}

/** A program acts by its key, or with a signed message by its connection. */
async function readPrograms(known: Map<string, Known>, ids: string[], locale: string): Promise<void> {
  if (ids.length === 0) return;
  const where = { id: { in: ids } };
  const partner = { select: { texts: { orderBy: { locale: 'asc' } } } } as const;
  const [keys, connections] = await Promise.all([
    db.apiKey.findMany({ where, select: { id: true, name: true, partner } }),
    db.connection.findMany({ where, select: { id: true, code: true, partner } }),
  ]);
  const add = (type: string, id: string, own: string, { texts }: (typeof keys)[number]['partner']) =>
    known.set(id, { name: `${textIn(texts, locale)?.name} · ${own}`, nodeId: toGlobalId(type, id) });
  for (const key of keys) add('ApiKey', key.id, key.name, key.partner);
  for (const connection of connections) add('Connection', connection.id, connection.code, connection.partner);
}
