// What callers hand in about stock and locations.

import { z } from 'zod';
import {
  ALWAYS,
  boolean,
  code,
  distinct,
  expectedVersion,
  idempotencyKey,
  idOf,
  inputObject,
  integer,
  issue,
  list,
  oneOf,
  quantity,
  text,
  texts,
} from '../core/inputs.ts';
import { RESERVED_MINUTES, SHOPPER_UNITS_MAX } from './rules.ts';
import { adjustReasons } from './texts.ts';

const UNITS_MAX = 1_000_000_000;
const variantId = () => idOf('Variant').describe('What is in stock.');
const locationId = () => idOf('Location').describe('Where.');
const note = () => text(1, 500).optional().describe('Remark for the ledger.');

export const stockReceiveInput = z.object({
  idempotencyKey: idempotencyKey(),
  locationId: locationId(),
  lines: list(
    inputObject('StockReceiveLineInput', {
      variantId: variantId(),
      quantity: quantity().describe('Units received, damaged ones included.'),
      damaged: integer(0, 1_000_000).optional().describe('How many of them are damaged.'),
    }),
    1,
    200,
  )
    .superRefine((lines, context) => {
      lines.forEach((line, i) => {
        if ((line.damaged ?? 0) > line.quantity)
          issue(context, 'OUT_OF_RANGE', { min: 0, max: line.quantity }, [i, 'damaged']);
      });
      distinct(
        context,
        lines.map((line) => line.variantId),
        'variantId',
      );
    }, ALWAYS)
    .describe('What came in, each variant once.'),
  note: note(),
});
export type StockReceive = z.output<typeof stockReceiveInput>;

export const stockAdjustInput = z
  .object({
    idempotencyKey: idempotencyKey(),
    variantId: variantId(),
    locationId: locationId(),
    onHandDelta: integer(-1_000_000, 1_000_000).optional().describe('Change of the units on hand.'),
    damagedDelta: integer(-1_000_000, 1_000_000)
      .optional()
      .describe('Change of the damaged units among them. Writing off damaged units lowers both.'),
    reason: oneOf('StockAdjustReason', adjustReasons).describe('Why the record was wrong.'),
    note: note(),
  })
  .superRefine((input, context) => {
    if (!input.onHandDelta && !input.damagedDelta) issue(context, 'REQUIRED', {}, ['onHandDelta']);
  }, ALWAYS);
export type StockAdjust = z.output<typeof stockAdjustInput>;

export const stockSetInput = z
  .object({
    idempotencyKey: idempotencyKey(),
    variantId: variantId(),
    locationId: locationId(),
    quantity: integer(0, UNITS_MAX).describe(
      'Units on hand from now on, damaged and allocated ones included.',
    ),
    expectedQuantity: integer(0, UNITS_MAX)
      .optional()
      .describe(
        'Units on hand as last read. Required unless `overwrite` is true; refused with STALE_QUANTITY when it has changed since.',
      ),
    overwrite: boolean()
      .optional()
      .describe('True sets the quantity whatever it is now. Recorded in the ledger.'),
    note: note(),
  })
  .superRefine((input, context) => {
    if (input.expectedQuantity === undefined && !input.overwrite)
      issue(context, 'REQUIRED', {}, ['expectedQuantity']);
  }, ALWAYS);
export type StockSet = z.output<typeof stockSetInput>;

export const stockTransferInput = z.object({
  idempotencyKey: idempotencyKey(),
  variantId: variantId(),
  fromLocationId: idOf('Location').describe('Where the units leave.'),
  toLocationId: idOf('Location').describe('Where they arrive, at once.'),
  quantity: quantity().describe('Units to transfer; undamaged ones that no order holds.'),
  note: note(),
});
export type StockTransfer = z.output<typeof stockTransferInput>;

export const stockPlanInput = z
  .object({
    variantId: variantId(),
    locationId: locationId(),
    safetyStock: integer(0, UNITS_MAX).optional().describe('Units kept back from sale.'),
    lowStockAt: integer(0, UNITS_MAX)
      .optional()
      .describe('Sellable quantity at which `stock.ranLow` is sent, once. Goes with `recoveredAt`.'),
    recoveredAt: integer(1, UNITS_MAX)
      .optional()
      .describe(
        'Sellable quantity at which `stock.recovered` is sent and the next `stock.ranLow` becomes possible. Greater than `lowStockAt`.',
      ),
    withoutLowStock: boolean().optional().describe('True: no low-stock events.'),
    backInStockAt: integer(1, UNITS_MAX)
      .optional()
      .describe('Sellable quantity at which sold-out stock counts as back.'),
  })
  .superRefine((input, context) => {
    if ((input.lowStockAt === undefined) !== (input.recoveredAt === undefined)) {
      issue(context, 'REQUIRED', {}, [input.lowStockAt === undefined ? 'lowStockAt' : 'recoveredAt']);
    } else if (
      input.lowStockAt !== undefined &&
      input.recoveredAt !== undefined &&
      input.recoveredAt <= input.lowStockAt
    ) {
      issue(context, 'OUT_OF_RANGE', { min: input.lowStockAt + 1, max: UNITS_MAX }, ['recoveredAt']);
    }
  }, ALWAYS);
export type StockPlan = z.output<typeof stockPlanInput>;

const locationTexts = texts('LocationTextInput', {
  name: text(1, 80).describe('Name of the location.'),
}).describe('Name of the location by language.');

const servedStores = list(
  inputObject('StoreLocationInput', {
    storeId: idOf('Store').describe('Store that this location serves.'),
    priority: integer(1, 1_000).describe('Orders take from the lowest number first.'),
  }),
  0,
  100,
)
  .superRefine(
    (stores, context) =>
      distinct(
        context,
        stores.map((store) => store.storeId),
        'storeId',
      ),
    ALWAYS,
  )
  .describe('Stores whose orders may be allocated here.');

export const locationOpenInput = z.object({
  code: code().describe('Stable short name: lower case letters, digits, `_` and `-`. Unique.'),
  texts: locationTexts,
  stores: servedStores.optional(),
});
export type LocationOpen = z.output<typeof locationOpenInput>;

export const locationChangeInput = z.object({
  locationId: locationId(),
  expectedVersion: expectedVersion(),
  texts: locationTexts.optional(),
  stores: servedStores.optional(),
});
export type LocationChange = z.output<typeof locationChangeInput>;

export const locationArchiveInput = z.object({ locationId: locationId() });

export const stockWhere = z.object({
  variantId: idOf('Variant').optional().describe('Only stock of this variant.'),
  locationId: idOf('Location').optional().describe('Only stock at this location.'),
  low: boolean().optional().describe('True: only low stock. False: only stock that is not low.'),
  soldOut: boolean().optional().describe('True: only sold-out stock. False: only stock that is not.'),
});

export const stockEventFilter = z.object({
  variantIds: list(idOf('Variant'), 0, 100)
    .optional()
    .describe('Only stock of these variants; an empty list matches nothing.'),
  locationIds: list(idOf('Location'), 0, 100)
    .optional()
    .describe('Only stock at these locations; an empty list matches nothing.'),
  low: boolean().optional().describe('True: only low stock. False: only stock that is not low.'),
  soldOut: boolean().optional().describe('True: only sold-out stock. False: only stock that is not.'),
});

export const stockReserveInput = z.object({
  idempotencyKey: idempotencyKey(),
  storeId: idOf('Store').describe('Store in which the units are to be ordered.'),
  lines: list(
    inputObject('StockReserveLineInput', {
      variantId: idOf('Variant').describe(
        'What is to be ordered. Its product must be published and on sale in the store.',
      ),
      quantity: quantity(10_000_000).describe(
        `Units. The store sets a limit for one variant (\`lineQuantityMax\`); shoppers reserve at most ${SHOPPER_UNITS_MAX} at once.`,
      ),
    }),
    1,
    100,
  ).describe('What is to be ordered. Lines of one variant count together.'),
  minutes: integer(1, RESERVED_MINUTES.max)
    .optional()
    .describe(`Minutes until it ends. Default: ${RESERVED_MINUTES.default}.`),
  stockReservationIds: list(idOf('StockReservation'), 0, 20)
    .optional()
    .describe(
      'Reservations that this one replaces: their units count as free for it, and they end with it. Left out by shoppers, it replaces their own in this store that hold one of its variants; by all others, none. An empty list replaces none.',
    ),
});
export type StockReserve = z.output<typeof stockReserveInput>;

export const stockReservationReleaseInput = z.object({
  stockReservationId: idOf('StockReservation').describe('Reservation to end.'),
});

export const viewerReservationWhere = z.object({
  live: boolean().optional().describe('True: only those that hold units now. False: only those that do not.'),
});

export const reservationWhere = viewerReservationWhere.extend({
  storeId: idOf('Store').optional().describe('Only reservations made in this store.'),
  variantId: idOf('Variant').optional().describe('Only reservations of this variant.'),
});
