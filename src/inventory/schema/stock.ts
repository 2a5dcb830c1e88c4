// Stock, its ledger and what changes it.

import { isColleague, reaches } from '../../core/actor.ts';
import { db } from '../../core/db.ts';
import { toGlobalId } from '../../core/ids.ts';
import { reasonIn } from '../../core/texts.ts';
import { builder, enumType } from '../../graphql/builder.ts';
import { list, nestedList } from '../../graphql/connection.ts';
import { feed } from '../../graphql/feed.ts';
import { isVisible } from '../../graphql/nodes.ts';
import { errorType, mutation } from '../../graphql/payload.ts';
import { after } from '../../graphql/promises.ts';
import { seesStock, UNITS_TOLD_MAX, unitsTold, visibleStocks } from '../access.ts';
import { adjustStock, planStock, receiveStock, setStock, transferStock } from '../actions/stock.ts';
import {
  stockAdjustInput,
  stockEventFilter,
  stockPlanInput,
  stockReceiveInput,
  stockSetInput,
  stockTransferInput,
  stockWhere,
} from '../inputs.ts';
import { type ShortLine, sellable } from '../rules.ts';
import { adjustReasons, stockCauses, stockCounters } from '../texts.ts';
import { readsReserved, reservedOf } from './reserved.ts';

const StockCounter = enumType('StockCounter', 'A counter of a stock.', stockCounters);

const StockCause = enumType('StockCause', 'What changed a stock.', stockCauses);

enumType('StockAdjustReason', 'Why a stock record was wrong.', adjustReasons);

builder.prismaNode('Stock', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: (stock, { actor }) => seesStock(actor, stock),
  select: { id: true, locationId: true },
  fields: (t) => ({
    variant: t.relation('variant', { description: 'What is in stock.' }),
    location: t.relation('location', { description: 'Where.' }),
    onHand: t.exposeInt('onHand'),
    allocated: t.exposeInt('allocated'),
    damaged: t.exposeInt('damaged'),
    safetyStock: t.exposeInt('safetyStock'),
    reserved: t.int({
      description:
        'Units that live reservations hold. Reserving, releasing and expiring are no events of the stock and leave its counters, `low` and `soldOut` as they are: `stockEvents` does not tell when this changes, so read it when it is needed.',
      select: { id: true },
      extensions: { readsMore: readsReserved },
      resolve: (stock, _args, context) => reservedOf(context, stock),
    }),
    sellable: t.int({
      description:
        'Units that anybody may have now: on hand less allocated, damaged, safety stock and reserved, never below 0. What reservations change of it, `stockEvents` does not tell: read it when it is needed. In the changes of events it is without what is reserved.',
      select: { id: true, onHand: true, allocated: true, damaged: true, safetyStock: true },
      extensions: { readsMore: readsReserved },
      resolve: (stock, _args, context) =>
        after(reservedOf(context, stock), (reserved) => sellable({ ...stock, reserved })),
    }),
    lowStockAt: t.exposeInt('lowStockAt', { nullable: true }),
    recoveredAt: t.exposeInt('recoveredAt', { nullable: true }),
    backInStockAt: t.exposeInt('backInStockAt'),
    low: t.exposeBoolean('low'),
    soldOut: t.exposeBoolean('soldOut'),
    ledger: nestedList(t, {
      type: 'StockLedgerEntry',
      description: 'Every change of a counter, newest first.',
      relation: 'ledger',
      ordering: [
        ['occurredAt', 'desc'],
        ['id', 'desc'],
      ],
      count: ({ id }) => db.stockLedgerEntry.count({ where: { stockId: id } }),
    }),
    version: t.exposeInt('version', { description: 'Raised by one with every event.' }),
  }),
});

builder.prismaNode('StockLedgerEntry', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: (entry, { actor }) => seesStock(actor, entry.stock),
  select: { id: true, stock: { select: { locationId: true } } },
  fields: (t) => ({
    stock: t.relation('stock', { description: 'The stock that changed.' }),
    counter: t.expose('counter', { type: StockCounter, description: 'The counter that changed.' }),
    delta: t.exposeInt('delta'),
    after: t.exposeInt('after'),
    cause: t.expose('cause', { type: StockCause, description: 'What changed it.' }),
    causeId: t.id({
      nullable: true,
      description: 'Id of the object that caused the change.',
      select: { causeType: true, causeId: true },
      resolve: ({ causeType, causeId }) => (causeType && causeId ? toGlobalId(causeType, causeId) : null),
    }),
    reason: t.string({
      nullable: true,
      description: 'Reason and remark that were given, for colleagues: null for partners.',
      select: { reason: true },
      resolve: ({ reason }, _args, { actor }) => (isColleague(actor) ? reasonIn(actor.locale, reason) : null),
    }),
    actorKind: t.exposeString('actorKind', { description: '`STAFF`, `CUSTOMER`, `KEY` or `SYSTEM`.' }),
    actorId: t.id({
      nullable: true,
      description: 'Id of the person who made the change.',
      select: { actorKind: true, actorId: true },
      resolve: ({ actorKind, actorId }) =>
        actorKind === 'STAFF' && actorId ? toGlobalId('Staff', actorId) : null,
    }),
    requestId: t.exposeString('requestId', { description: 'The request in which the change was made.' }),
    occurredAt: t.expose('occurredAt', { type: 'DateTime', description: 'When the counter changed.' }),
  }),
});

builder.prismaObjectField('Variant', 'stocks', (t) =>
  nestedList(t, {
    type: 'Stock',
    description: 'Stock of the variant at the locations that the caller may see.',
    relation: 'stocks',
    ordering: [
      ['locationId', 'asc'],
      ['id', 'asc'],
    ],
    filter: visibleStocks,
    count: ({ id }, actor) => db.stock.count({ where: { AND: [{ variantId: id }, visibleStocks(actor)] } }),
  }),
);

const ShortLineType = builder.objectRef<ShortLine>('ShortLine').implement({
  description: 'A line for which there is not enough stock.',
  fields: (t) => ({
    line: t.exposeInt('line', { description: 'Index of the line in the input.' }),
    variantId: t.id({
      description: 'What was ordered.',
      resolve: (line) => toGlobalId('Variant', line.variantId),
    }),
    requested: t.exposeInt('requested', { description: 'Units asked for.' }),
    available: t.int({
      description: `Units left for this line after earlier lines of the same variant, the caller’s own reserved ones among them. Without \`stock.read\` at most ${UNITS_TOLD_MAX}, which then means that many or more.`,
      resolve: ({ available }, _args, { actor }) => unitsTold(actor, available),
    }),
  }),
});

errorType<{ lines: ShortLine[] }>(
  'InsufficientStock',
  'There is not enough stock. Nothing was allocated or reserved.',
  (t) => ({
    lines: t.field({
      type: [ShortLineType],
      description: 'Every line that is short.',
      resolve: ({ data }) => data.lines,
    }),
  }),
);

errorType<{ currentQuantity: number }>(
  'StaleQuantity',
  'The quantity on hand is not the expected one.',
  (t) => ({
    currentQuantity: t.int({
      description: 'Units on hand now.',
      resolve: ({ data }) => data.currentQuantity,
    }),
  }),
);

list('stocks', {
  type: 'Stock',
  description: 'Stock at the locations that the caller may see.',
  scope: 'stock.read',
  where: stockWhere,
  orderings: {
    NEWEST: [
      ['createdAt', 'desc'],
      ['id', 'desc'],
    ],
  },
  orderingTitles: { NEWEST: { en: 'Newest first', zh: '最新优先' } },
  filter: (actor, where) => ({ AND: [visibleStocks(actor), where ?? {}] }),
  find: (query) => db.stock.findMany(query),
  count: (query) => db.stock.count(query),
});

mutation('stockReceive', {
  description:
    'Take goods in at a location, all lines or none. Refused with NOT_FOUND, LOCATION_ARCHIVED, STOCK_COMMITTED.',
  scope: 'stock.receive',
  input: stockReceiveInput,
  returns: 'Location',
  run: receiveStock,
  payload: (t) => ({
    stocks: t.prismaField({
      type: ['Stock'],
      description:
        'The stocks that were received into, in the order of the lines; those that the caller may not see are not there.',
      resolve: async (query, { result }, _args, context, info) => {
        const ids = result?.stockIds ?? [];
        const rows = await db.stock.findMany({ ...query, where: { id: { in: ids } } });
        return ids.flatMap((id) =>
          rows.filter((row) => row.id === id && isVisible(row, 'Stock', context, info)),
        );
      },
    }),
  }),
});

mutation('stockAdjust', {
  description:
    'Correct the record of one stock by a difference. Refused with NOT_FOUND, LOCATION_ARCHIVED, STOCK_COMMITTED.',
  scope: 'stock.adjust',
  input: stockAdjustInput,
  returns: 'Stock',
  run: adjustStock,
});

mutation('stockSet', {
  description:
    'Set the units on hand of one stock. Refused with STALE_QUANTITY (type `StaleQuantity`), NOTHING_TO_DO, STOCK_COMMITTED, NOT_FOUND, LOCATION_ARCHIVED.',
  scope: 'stock.adjust',
  input: stockSetInput,
  returns: 'Stock',
  run: setStock,
});

mutation('stockTransfer', {
  description:
    'Carry units from one location to another, at once. The payload has the stock they arrived in. Refused with STOCK_COMMITTED, SAME_LOCATION, NOT_FOUND, LOCATION_ARCHIVED.',
  scope: 'stock.transfer',
  input: stockTransferInput,
  returns: 'Stock',
  run: transferStock,
});

mutation('stockPlan', {
  description:
    'Set safety stock and the limits of low-stock and back-in-stock events. Refused with NOT_FOUND, LOCATION_ARCHIVED.',
  scope: 'stock.plan',
  input: stockPlanInput,
  returns: 'Stock',
  run: planStock,
});

feed('stockEvents', {
  entity: 'Stock',
  noun: 'stock',
  description:
    'Changes of stock at the locations that the caller may see, live. Reservations are none: what they make of `reserved` and `sellable` shows with the next change of the stock.',
  scope: 'stock.read',
  filter: stockEventFilter,
  matches: (filter, facets) =>
    (filter?.variantIds?.includes(String(facets.variantId)) ?? true) &&
    (filter?.locationIds?.includes(String(facets.locationId)) ?? true) &&
    (filter?.low === undefined || filter.low === facets.low) &&
    (filter?.soldOut === undefined || filter.soldOut === facets.soldOut),
  visible: (actor, event) => reaches(actor.locations, event.locationId),
  load: (query, id, actor) =>
    db.stock.findFirst({ ...query, where: { AND: [{ id }, visibleStocks(actor)] } }),
});
