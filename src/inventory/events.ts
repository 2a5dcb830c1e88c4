// What happens to stock and locations.

import { defineEvents } from '../core/events.ts';
import type { StockCause } from '../generated/prisma/enums.ts';

/** What moved a stock, as the ledger has it. */
export interface StockMoved {
  cause: StockCause;
  /** Global id of the object that caused it. */
  causeNodeId: string | null;
  reason: string | null;
}

declare module '../core/events.ts' {
  interface EventMap {
    'stock.received': StockMoved;
    'stock.adjusted': StockMoved;
    'stock.set': StockMoved;
    'stock.transferredOut': StockMoved;
    'stock.transferredIn': StockMoved;
    'stock.planned': StockMoved;
    'stock.allocated': StockMoved;
    'stock.released': StockMoved;
    'stock.dispatched': StockMoved;
    'stock.returned': StockMoved;
    'stock.ranLow': StockMoved;
    'stock.recovered': StockMoved;
    'stock.soldOut': StockMoved;
    'stock.backInStock': StockMoved;
    'stock.imported': { causeNodeId: string; adjustments: number; units: number };
    'stockReservation.placed': {
      storeNodeId: string;
      expiresAt: string;
      lines: { variantNodeId: string; quantity: number }[];
    };
    'stockReservation.released': { storeNodeId: string };
    'stockReservation.ordered': { storeNodeId: string; orderNodeId: string };
    'location.opened': { code: string };
    'location.changed': { code: string };
    'location.archived': { code: string };
  }
}

/** The event of each cause. */
export const eventOfCause = {
  RECEIPT: 'stock.received',
  ADJUSTMENT: 'stock.adjusted',
  COUNT: 'stock.set',
  TRANSFER_OUT: 'stock.transferredOut',
  TRANSFER_IN: 'stock.transferredIn',
  PLAN: 'stock.planned',
  ALLOCATION: 'stock.allocated',
  RELEASE: 'stock.released',
  DISPATCH: 'stock.dispatched',
  RETURN: 'stock.returned',
} as const satisfies Record<StockCause, string>;

/** Reason and remark are what colleagues wrote; events that follow from a movement repeat them. */
const notes = ['reason'] as const;

defineEvents({
  type: 'Stock',
  read: 'stock.read',
  events: {
    'stock.received': { en: 'Goods received', zh: '入库', notes },
    'stock.adjusted': { en: 'Stock adjusted', zh: '库存调整', notes },
    'stock.set': { en: 'Stock set to a quantity', zh: '库存设定', notes },
    'stock.transferredOut': { en: 'Transferred out', zh: '调出', notes },
    'stock.transferredIn': { en: 'Transferred in', zh: '调入', notes },
    'stock.planned': { en: 'Planning limits changed', zh: '库存策略变更', notes },
    'stock.allocated': { en: 'Allocated to an order', zh: '订单分配', notes },
    'stock.released': { en: 'Released by an order', zh: '订单释放', notes },
    'stock.dispatched': { en: 'Dispatched', zh: '出库', notes },
    'stock.returned': { en: 'Returned', zh: '退货入库', notes },
    'stock.ranLow': { en: 'Stock ran low', zh: '库存不足预警', notes },
    'stock.recovered': { en: 'Low stock recovered', zh: '库存恢复', notes },
    'stock.soldOut': { en: 'Sold out', zh: '售罄', notes },
    'stock.backInStock': { en: 'Back in stock', zh: '恢复有货', notes },
    'stock.imported': { en: 'Past adjustments imported', zh: '导入历史库存核减', history: true },
  },
});

// That one expires is no event: it was said when it was placed.
defineEvents({
  type: 'StockReservation',
  read: 'stock.read',
  events: {
    'stockReservation.placed': { en: 'Stock reserved', zh: '预占库存' },
    'stockReservation.released': { en: 'Reservation released', zh: '释放预占' },
    'stockReservation.ordered': { en: 'Reservation ordered', zh: '预占转下单' },
  },
});

defineEvents({
  type: 'Location',
  read: null,
  events: {
    'location.opened': { en: 'Location opened', zh: '新建仓库' },
    'location.changed': { en: 'Location changed', zh: '仓库变更' },
    'location.archived': { en: 'Location archived', zh: '仓库停用' },
  },
});
