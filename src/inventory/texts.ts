// What inventory says to people, in every language.

import { defineErrors } from '../core/errors.ts';
import { defineReasons, defineTitles, defineTypeTitles } from '../core/texts.ts';

export const inventoryProblem = defineErrors({
  INSUFFICIENT_STOCK: {
    en: 'There is not enough stock for {lines} of the lines.',
    zh: '有 {lines} 行库存不足。',
  },
  TOO_MANY_RESERVATIONS: {
    en: 'At most {max} reservations may be live at once: order, release one, or wait until one expires.',
    zh: '最多可同时持有 {max} 个有效预占：请先下单、释放或等待到期。',
  },
  RESERVED_UNITS_LIMIT: {
    en: 'At most {max} units of one variant can be reserved here; {reserved} are reserved already.',
    zh: '此店铺单个规格最多可预占 {max} 件，已预占 {reserved} 件。',
  },
  RESERVED_FOR_LONG: {
    en: 'Some of these goods have been reserved for long: {minutes} more minutes at most, then order them or wait {pause} minutes.',
    zh: '部分商品预占已久：最多还可预占 {minutes} 分钟，之后请下单，或等待 {pause} 分钟。',
  },
  STOCK_COMMITTED: {
    en: 'Only {free} units here are neither allocated to orders nor damaged.',
    zh: '此处仅有 {free} 件既未分配给订单也未损坏。',
  },
  NOT_ALLOCATED_HERE: {
    en: 'Only {allocated} units of this line are allocated at this location.',
    zh: '该行在此仓库仅分配了 {allocated} 件。',
  },
  STALE_QUANTITY: { en: 'The quantity is {current} by now.', zh: '当前数量已变为 {current}。' },
  NOTHING_TO_DO: { en: 'The change would change nothing.', zh: '此操作不会产生任何变化。' },
  SAME_LOCATION: { en: 'From and to are the same location.', zh: '调出与调入仓库相同。' },
  LOCATION_ARCHIVED: { en: 'This location is archived.', zh: '该仓库已停用。' },
  LOCATION_HAS_STOCK: { en: 'This location still has {units} units.', zh: '该仓库仍有 {units} 件库存。' },
});

defineTypeTitles({
  Location: { en: 'location', zh: '仓库' },
  Stock: { en: 'stock', zh: '库存' },
  StockLedgerEntry: { en: 'stock ledger entry', zh: '库存流水' },
  StockReservation: { en: 'reservation of stock', zh: '库存预占' },
});

export const stockCounters = defineTitles('StockCounter', {
  ON_HAND: { en: 'On hand', zh: '在库' },
  ALLOCATED: { en: 'Allocated', zh: '已分配' },
  DAMAGED: { en: 'Damaged', zh: '残次' },
  SAFETY_STOCK: { en: 'Safety stock', zh: '安全库存' },
});

export const stockCauses = defineTitles('StockCause', {
  RECEIPT: { en: 'Receipt', zh: '入库' },
  ADJUSTMENT: { en: 'Adjustment', zh: '调整' },
  COUNT: { en: 'Set to a counted quantity', zh: '盘点设定' },
  TRANSFER_OUT: { en: 'Transfer out', zh: '调出' },
  TRANSFER_IN: { en: 'Transfer in', zh: '调入' },
  PLAN: { en: 'Planning limits changed', zh: '库存策略变更' },
  ALLOCATION: { en: 'Allocated to an order', zh: '订单分配' },
  RELEASE: { en: 'Released by an order', zh: '订单释放' },
  DISPATCH: { en: 'Dispatched', zh: '出库' },
  RETURN: { en: 'Returned', zh: '退货入库' },
});

export const adjustReasons = defineTitles('StockAdjustReason', {
  DAMAGED: { en: 'Damaged', zh: '损坏' },
  REPAIRED: { en: 'Repaired', zh: '已修复' },
  LOST: { en: 'Lost', zh: '丢失' },
  FOUND: { en: 'Found', zh: '找回' },
  EXPIRED: { en: 'Expired', zh: '过期' },
  SAMPLE: { en: 'Taken as a sample', zh: '取样' },
  THEFT: { en: 'Stolen', zh: '被盗' },
  CORRECTION: { en: 'Wrong record corrected', zh: '记录更正' },
  OTHER: { en: 'Other', zh: '其他' },
});

/** Why the product itself writes to the ledger. */
export const ownReason = defineReasons({
  heldBefore: {
    en: 'Taken over from the past: the units were there before they were written off.',
    zh: '历史导入：核减之前这些数量在库。',
  },
});

export const reservationStates = defineTitles('StockReservationState', {
  LIVE: { en: 'Live', zh: '有效' },
  EXPIRED: { en: 'Expired', zh: '已到期' },
  RELEASED: { en: 'Released', zh: '已释放' },
  ORDERED: { en: 'Ordered', zh: '已下单' },
});

export const ofAnotherStore = { en: 'it is of another store', zh: '属于其他店铺' };
