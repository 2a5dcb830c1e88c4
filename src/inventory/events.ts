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

defineEvents({
  type: 'Stock',
  events: {
    'stock.received': { en: 'Goods received', zh: '入库' },
    'stock.adjusted': { en: 'Stock adjusted', zh: '库存调整' },
    'stock.set': { en: 'Stock set to a quantity', zh: '库存设定' },
    'stock.transferredOut': { en: 'Transferred out', zh: '调出' },
    'stock.transferredIn': { en: 'Transferred in', zh: '调入' },
    'stock.planned': { en: 'Planning limits changed', zh: '库存策略变更' },
    'stock.allocated': { en: 'Allocated to an order', zh: '订单分配' },
    'stock.released': { en: 'Released by an order', zh: '订单释放' },
    'stock.dispatched': { en: 'Dispatched', zh: '出库' },
    'stock.returned': { en: 'Returned', zh: '退货入库' },
    'stock.ranLow': { en: 'Stock ran low', zh: '库存不足预警' },
    'stock.recovered': { en: 'Low stock recovered', zh: '库存恢复' },
    'stock.soldOut': { en: 'Sold out', zh: '售罄' },
    'stock.backInStock': { en: 'Back in stock', zh: '恢复有货' },
  },
});

defineEvents({
  type: 'Location',
  events: {
    'location.opened': { en: 'Location opened', zh: '新建仓库' },
    'location.changed': { en: 'Location changed', zh: '仓库变更' },
    'location.archived': { en: 'Location archived', zh: '仓库停用' },
  },
});
