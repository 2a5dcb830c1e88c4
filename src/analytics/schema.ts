// What the world sees of numbers and of the audit log.

import DataLoader from 'dataloader';
import type { z } from 'zod';
import { visibleStores } from '../catalog/access.ts';
import { type Actor, reaches } from '../core/actor.ts';
import { db } from '../core/db.ts';
import { currentHead, type LogEvent } from '../core/event-log.ts';
import { now } from '../core/time.ts';
import { builder, enumRef } from '../graphql/builder.ts';
import { list } from '../graphql/connection.ts';
import type { Context } from '../graphql/context.ts';
import { inputFields, parseArgs } from '../graphql/input.ts';
import { liveValue } from '../graphql/live-value.ts';
import { perContext } from '../graphql/per-context.ts';
import '../graphql/timeline.ts';
import { visibleEvents } from './access.ts';
import { boardArgs, type EventWhere, eventWhere } from './inputs.ts';
import { type StoreNumbers, storeNumbers } from './numbers.ts';

interface Board {
  at: Date;
  storeIds: z.output<typeof boardArgs>['storeIds'];
}

const numbersIn = perContext(
  () =>
    new DataLoader<{ id: string; timeZone: string }, StoreNumbers, string>(
      async (stores) => {
        const numbers = await storeNumbers(stores, now());
        return stores.map(({ id }) => numbers.get(id) ?? new Error('store without numbers'));
      },
      { cacheKeyFn: ({ id }) => id },
    ),
);

/** Numbers of one store; asked for by every field, computed once for all stores of the answer. */
const numbersOf = (context: Context, store: { id: string; timeZone: string }): Promise<StoreNumbers> =>
  numbersIn(context).load(store);

const OrderCount = builder.objectRef<StoreNumbers['ordersByState'][number]>('OrderCount').implement({
  description: 'How many orders are in a state.',
  fields: (t) => ({
    state: t.field({
      type: enumRef('OrderState') as never,
      description: 'The state.',
      resolve: (row) => row.state as never,
    }),
    count: t.exposeInt('count', { description: 'Orders in it.' }),
  }),
});

const numbersSelect = { id: true, timeZone: true } as const;

const StoreBoard = builder.prismaObject('Store', {
  variant: 'StoreBoard',
  description: 'The numbers of one store. Days are cut in its time zone.',
  select: { id: true },
  authScopes: { can: 'board.read' },
  fields: (t) => ({
    store: t.variant('Store', { description: 'The store.' }),
    ordersByState: t.field({
      type: [OrderCount],
      description:
        'Orders by state: open ones of any age, completed and cancelled ones that were placed today.',
      select: numbersSelect,
      resolve: async (store, _args, context) => (await numbersOf(context, store)).ordersByState,
    }),
    toConfirm: t.int({
      description:
        'Orders that wait for confirmation: not on hold, and paid where the store confirms after payment.',
      select: numbersSelect,
      resolve: async (store, _args, context) => (await numbersOf(context, store)).toConfirm,
    }),
    toDispatch: t.int({
      description:
        'Orders that wait for the warehouse: confirmed, not on hold, with units to send, and paid, on credit or paid on delivery.',
      select: numbersSelect,
      resolve: async (store, _args, context) => (await numbersOf(context, store)).toDispatch,
    }),
    awaitingStock: t.int({
      description: 'Open orders that are paid and wait for stock.',
      select: numbersSelect,
      resolve: async (store, _args, context) => (await numbersOf(context, store)).awaitingStock,
    }),
    overdue: t.int({
      description: 'Orders that were not confirmed in time and still are not, on hold or not.',
      select: numbersSelect,
      resolve: async (store, _args, context) => (await numbersOf(context, store)).overdue,
    }),
    withDiscrepancy: t.int({
      description: 'Open orders of the marketplace whose amounts do not add up.',
      select: numbersSelect,
      resolve: async (store, _args, context) => (await numbersOf(context, store)).withDiscrepancy,
    }),
    onHold: t.int({
      description: 'Open orders on hold.',
      select: numbersSelect,
      resolve: async (store, _args, context) => (await numbersOf(context, store)).onHold,
    }),
    ordersToday: t.int({
      description: 'Orders placed today, cancelled ones included.',
      select: numbersSelect,
      resolve: async (store, _args, context) => (await numbersOf(context, store)).ordersToday,
    }),
    salesToday: t.field({
      type: ['Money'],
      description:
        'Σ totals of the orders placed today without what was cancelled, one amount for each currency. Empty without sales.',
      select: numbersSelect,
      resolve: async (store, _args, context) => (await numbersOf(context, store)).salesToday,
    }),
    lowStock: t.int({
      description: 'Stocks at the store’s locations that are low.',
      select: numbersSelect,
      resolve: async (store, _args, context) => (await numbersOf(context, store)).lowStock,
    }),
    soldOut: t.int({
      description: 'Stocks at the store’s locations that are sold out.',
      select: numbersSelect,
      resolve: async (store, _args, context) => (await numbersOf(context, store)).soldOut,
    }),
  }),
});

const BoardType = builder.objectRef<Board>('Board').implement({
  description: 'What a shift needs to see at a glance.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime', description: 'Moment of the numbers.' }),
    stores: t.prismaField({
      type: [StoreBoard],
      description: 'Numbers by store, in the order of their codes; at most 100 stores.',
      resolve: (query, { storeIds }, _args, { actor }) =>
        db.store.findMany({
          ...query,
          where: { AND: [visibleStores(actor), storeIds ? { id: { in: storeIds } } : {}] },
          orderBy: { code: 'asc' },
          take: 100,
        }),
    }),
  }),
});

builder.queryField('board', (t) =>
  t.field({
    type: BoardType,
    description: 'The board now.',
    authScopes: { can: 'board.read' },
    args: inputFields(boardArgs, (field) => t.arg(field as never)) as never,
    resolve: (_root, args) => ({ at: now(), ...parseArgs(boardArgs, args) }) as Board,
  }),
);

builder.subscriptionField('boardUpdates', (t) =>
  t.field({
    type: BoardType,
    description: 'The board now, then again whenever orders or stock changed, at most once a second.',
    authScopes: { can: 'board.read' },
    args: inputFields(boardArgs, (field) => t.arg(field as never)) as never,
    subscribe: ((_root: unknown, args: object, context: Context) => {
      const { storeIds } = parseArgs(boardArgs, args);
      return liveValue(
        context,
        (event) => movesBoard(context.actor, event),
        () => ({ at: now(), storeIds }),
      );
    }) as never,
    resolve: (item) => item as never,
  }),
);

const boardEntities: ReadonlySet<string> = new Set(['Order', 'Stock', 'Store', 'Location']);

/** Whether an event can change a board of the actor. */
const movesBoard = (actor: Actor, event: LogEvent): boolean =>
  boardEntities.has(event.entityType) &&
  (reaches(actor.stores, event.storeId) || reaches(actor.locations, event.locationId));

list('events', {
  type: 'Event',
  description:
    'The audit log: every change by anybody of the objects whose types the caller may read, in the caller’s stores and at the caller’s locations, newest first. What concerns the whole department is for those who act in all of it. Keys find no other partner’s keys and connections, and no webhooks but their own.',
  scope: 'events.read',
  where: eventWhere,
  orderings: { NEWEST: [['seq', 'desc']], OLDEST: [['seq', 'asc']] },
  orderingTitles: {
    NEWEST: { en: 'Newest first', zh: '最新优先' },
    OLDEST: { en: 'Oldest first', zh: '最早优先' },
  },
  plain: true,
  filter: (actor, where) => ({ AND: [visibleEvents(actor), eventFilter(where ?? {})] }),
  find: async (query) => {
    await currentHead();
    return db.event.findMany(query);
  },
  count: (query) => db.event.count(query),
});

const eventFilter = (where: EventWhere) => ({
  ...(where.nodeId ? { entityId: where.nodeId } : {}),
  AND: [
    where.staffId ? { actorKind: 'STAFF', actorId: where.staffId } : {},
    where.keyId ? { actorKind: 'KEY', actorId: where.keyId } : {},
  ],
  ...(where.requestId ? { requestId: where.requestId } : {}),
  ...(where.types ? { type: { in: where.types } } : {}),
  ...(where.storeId ? { storeId: where.storeId } : {}),
  occurredAt: { ...(where.from ? { gte: where.from } : {}), ...(where.before ? { lt: where.before } : {}) },
});
