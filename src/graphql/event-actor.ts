// Who made a change, as people know them: staff by their names, keys and machines by their partners, customers by id.

import DataLoader from 'dataloader';
import { type Actor, can } from '../core/actor.ts';
import { db } from '../core/db.ts';
import { toGlobalId } from '../core/ids.ts';
import type { Text } from '../core/texts.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { perContext } from './per-context.ts';
import { textIn } from './text.ts';

interface Trace {
  actorKind: string;
  actorId: string | null;
}

interface Known {
  name: string | null;
  nodeId: string | null;
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
        'Name of the person where a member of staff acted; «partner · key» or «partner · connection» where a program did. Keys read names of staff with `staff.read` only, and for programs of other partners «A partner».',
      resolve: async (event, _args, context) => (await knownActor(context, event))?.name ?? null,
    }),
    nodeId: t.id({
      nullable: true,
      description:
        'Id of the member of staff, the key or the connection that acted; of the customer, for those who may see customers. Null for keys where it is another partner’s.',
      resolve: async (event, _args, context) => (await knownActor(context, event))?.nodeId ?? null,
    }),
  }),
});

const actorsIn = perContext(
  ({ actor }) =>
    new DataLoader<Trace, Known | null, string>((traces) => readActors(traces, actor), {
      cacheKeyFn: ({ actorKind, actorId }) => `${actorKind}:${actorId}`,
    }),
);

/** Asked for by every event of an answer, read once for all of them. */
const knownActor = (context: Context, trace: Trace): Promise<Known | null> => actorsIn(context).load(trace);

async function readActors(traces: readonly Trace[], reader: Actor): Promise<(Known | null)[]> {
  const idsOf = (kind: string) =>
    traces.flatMap(({ actorKind, actorId }) => (actorKind === kind && actorId !== null ? [actorId] : []));
  const known = new Map<string, Known>();
  const seesStaff = reader.kind !== 'KEY' || can(reader, 'staff.read');
  await Promise.all([
    seesStaff ? readStaff(known, idsOf('STAFF')) : null,
    readPrograms(known, idsOf('KEY'), reader),
  ]);
  return traces.map(({ actorKind, actorId }) =>
    actorKind === 'CUSTOMER' ? customerOf(reader, actorId) : (known.get(actorId ?? '') ?? null),
  );
}

/** A customer has an id here and no name, which is personal: it is read, masked or not, under the id. */
const customerOf = (reader: Actor, id: string | null): Known | null =>
  id !== null && can(reader, 'customers.read') ? { name: null, nodeId: toGlobalId('Customer', id) } : null;

async function readStaff(known: Map<string, Known>, ids: string[]): Promise<void> {
  if (ids.length === 0) return;
  const people = await db.staffPerson.findMany({ where: { staffId: { in: ids } } });
  for (const { staffId, name } of people) known.set(staffId, { name, nodeId: toGlobalId('Staff', staffId) });
}

interface Program {
  id: string;
  partnerId: string;
  partner: { texts: { locale: string; name: string }[] };
}

/** What a partner's program is told of another partner's. */
const A_PARTNER: Text = { en: 'A partner', zh: '某合作伙伴' };

/** A program acts by its key, or with a signed message by its connection. Partners do not learn who else is one. */
async function readPrograms(known: Map<string, Known>, ids: string[], reader: Actor): Promise<void> {
  if (ids.length === 0) return;
  const where = { id: { in: ids } };
  const partner = { select: { texts: { orderBy: { locale: 'asc' } } } } as const;
  const [keys, connections] = await Promise.all([
    db.apiKey.findMany({ where, select: { id: true, name: true, partnerId: true, partner } }),
    db.connection.findMany({ where, select: { id: true, code: true, partnerId: true, partner } }),
  ]);
  const { locale } = reader;
  const add = (type: string, row: Program, own: string) =>
    known.set(
      row.id,
      reader.kind === 'KEY' && reader.partnerId !== row.partnerId
        ? { name: A_PARTNER[locale], nodeId: null }
        : { name: `${textIn(row.partner.texts, locale)?.name} · ${own}`, nodeId: toGlobalId(type, row.id) },
    );
  for (const key of keys) add('ApiKey', key, key.name);
  for (const connection of connections) add('Connection', connection, connection.code);
}
