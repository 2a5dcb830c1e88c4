// Writing what lines of an order count and come to, all of them in one statement.

import type { Tx } from '../../core/db.ts';
import type { OrderLine } from '../../generated/prisma/client.ts';
import { lineAmounts } from '../rules/amounts.ts';

/** Write cancelled units, prices and discounts of lines, with the totals and taxes that follow from them. */
export async function writeLines(tx: Tx, lines: readonly OrderLine[]): Promise<void> {
  const amounts = lines.map(lineAmounts);
  await tx.$executeRaw`
    UPDATE order_line l SET cancelled = c.cancelled, unit_price_minor = c.price, merchant_discount_minor = c.merchant,
      platform_discount_minor = c.platform, total_minor = c.total, tax_minor = c.tax
    FROM unnest(${lines.map((line) => line.id)}::uuid[], ${lines.map((line) => line.cancelled)}::int[],
      ${lines.map((line) => line.unitPriceMinor)}::bigint[], ${lines.map((line) => line.merchantDiscountMinor)}::bigint[],
      ${lines.map((line) => line.platformDiscountMinor)}::bigint[],
      ${amounts.map((amount) => amount.totalMinor)}::bigint[], ${amounts.map((amount) => amount.taxMinor)}::bigint[])
      AS c (id, cancelled, price, merchant, platform, total, tax)
    WHERE l.id = c.id`;
}
