// What the world sees of deadlines: those of an order.

import DataLoader from 'dataloader';
import { isInternal } from '../core/actor.ts';
import { db } from '../core/db.ts';
import type { Deadline } from '../generated/prisma/client.ts';
import { builder, enumType } from '../graphql/builder.ts';
import { perContext } from '../graphql/per-context.ts';
import { openStates } from './rules.ts';
import { deadlineStates, titleOfKind } from './texts.ts';

const State = enumType('DeadlineState', 'What became of a deadline.', deadlineStates);

type DeadlineRow = Omit<Deadline, 'failures' | 'retryAt'>;

const DeadlineType = builder.objectRef<DeadlineRow>('Deadline').implement({
  description: 'A moment by which something has to have happened. Its clock runs day and night.',
  fields: (t) => ({
    kind: t.exposeString('kind', { description: 'What must happen: `order.payment`.' }),
    title: t.string({
      description: 'What must happen, in the language of the request.',
      resolve: ({ kind }, _args, { actor }) => titleOfKind(kind)[actor.locale],
    }),
    state: t.expose('state', { type: State, description: 'What became of it.' }),
    startedAt: t.expose('startedAt', { type: 'DateTime', description: 'When its clock began to run.' }),
    dueAt: t.expose('dueAt', {
      type: 'DateTime',
      description: 'Moment at which it is breached. Moves on by the length of each pause.',
    }),
    pausedAt: t.expose('pausedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When its clock was stopped; null while it runs.',
    }),
    settledAt: t.expose('settledAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was met, breached or cancelled; null while it is open.',
    }),
  }),
});

const SHOWN = 50;

builder.prismaObjectField('Order', 'deadlines', (t) =>
  t.field({
    type: [DeadlineType],
    description: `Deadlines of the order, open and settled, newest first: at most ${SHOWN}. Empty for shoppers.`,
    select: { id: true },
    resolve: ({ id }, _args, context) => (isInternal(context.actor) ? deadlinesIn(context).load(id) : []),
  }),
);

/** Deadlines of all orders of an answer, in one statement. */
const deadlinesIn = perContext(() => new DataLoader(readDeadlines));

async function readDeadlines(entityIds: readonly string[]): Promise<DeadlineRow[][]> {
  const rows = await db.$queryRaw<DeadlineRow[]>`
    SELECT d.* FROM unnest(${[...entityIds]}::uuid[]) AS wanted (id)
    CROSS JOIN LATERAL (
      SELECT id, kind, entity_type AS "entityType", entity_id AS "entityId", store_id AS "storeId", state,
        started_at AS "startedAt", due_at AS "dueAt", paused_at AS "pausedAt", settled_at AS "settledAt"
      FROM deadline WHERE entity_id = wanted.id ORDER BY started_at DESC, id DESC LIMIT ${SHOWN}
    ) d`;
  const byEntity = Map.groupBy(rows, (row) => row.entityId);
  return entityIds.map((id) => byEntity.get(id) ?? []);
}

// The one deadline that shoppers see. Who waits for an order has it as well as who sees the order.
for (const type of ['Order', 'OrderTrack'])
  builder.objectField(type as never, 'payBy', (t) =>
    t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'Moment by which the order is to be paid, or it closes; null when it is paid or closed, or nothing closes it.',
      resolve: ({ id }: { id: string }, _args, context) => payByIn(context).load(id),
    }),
  );

/** Moments to pay by of all orders of an answer, in one statement. */
const payByIn = perContext(() => new DataLoader(readPayBy));

async function readPayBy(orderIds: readonly string[]): Promise<(Date | null)[]> {
  const rows = await db.deadline.findMany({
    where: { entityId: { in: [...orderIds] }, kind: 'order.payment', state: { in: [...openStates] } },
    select: { entityId: true, dueAt: true },
  });
  const byOrder = new Map(rows.map(({ entityId, dueAt }) => [entityId, dueAt]));
  return orderIds.map((id) => byOrder.get(id) ?? null);
}
