// The rows of a new order: itself, its receiver, its lines. Placing and pushing make orders with it.

import type { Tx } from '../../core/db.ts';
import { newId } from '../../core/ids.ts';
import type { Order, Prisma } from '../../generated/prisma/client.ts';

export interface DraftLine {
  id: string;
  position: number;
  variantId: string;
  sku: string;
  name: string;
  quantity: number;
  cancelled: number;
  unitPriceMinor: bigint;
  taxRateBasisPoints: number;
  merchantDiscountMinor?: bigint;
  platformDiscountMinor?: bigint;
  platformReference?: string;
  totalMinor: bigint;
  taxMinor: bigint;
}

interface Receiver {
  name: string;
  phone?: string | undefined;
  email?: string | undefined;
  country: string;
  region?: string | undefined;
  city: string;
  district?: string | undefined;
  lines: string[];
  postalCode?: string | undefined;
  masked?: boolean;
}

/** Write an order, which the database numbers, and in a second statement its receiver and all of its lines. */
export async function insertOrder(
  tx: Tx,
  draft: {
    order: Omit<Prisma.OrderUncheckedCreateInput, 'id' | 'number'>;
    person: Receiver;
    lines: readonly DraftLine[];
  },
): Promise<Order> {
  const order = await tx.order.create({ data: { id: newId(), ...draft.order } });
  const person = personOf(draft.person);
  const column = <Name extends keyof DraftLine>(name: Name) => draft.lines.map((line) => line[name] ?? null);
  const minor = (name: AmountOfLine) => draft.lines.map((line) => line[name] ?? 0n);
  await tx.$executeRaw`
    WITH receiver AS (
      INSERT INTO person_order (order_id, name, phone, email, country, region, city, district, lines, postal_code, masked)
      VALUES (${order.id}::uuid, ${person.name}, ${person.phone}, ${person.email}, ${person.country}, ${person.region},
        ${person.city}, ${person.district}, ${person.lines}, ${person.postalCode}, ${person.masked ?? false})
    )
    INSERT INTO order_line (id, order_id, position, variant_id, sku, name, quantity, cancelled, platform_reference,
      tax_rate_basis_points, unit_price_minor, merchant_discount_minor, platform_discount_minor, total_minor, tax_minor)
    SELECT l.id, ${order.id}::uuid, l.position, l.variant_id, l.sku, l.name, l.quantity, l.cancelled, l.reference, l.rate,
      l.price, l.merchant, l.platform, l.total, l.tax
    FROM unnest(${column('id')}::uuid[], ${column('position')}::int[], ${column('variantId')}::uuid[],
      ${column('sku')}::text[], ${column('name')}::text[], ${column('quantity')}::int[], ${column('cancelled')}::int[],
      ${column('platformReference')}::text[], ${column('taxRateBasisPoints')}::int[], ${minor('unitPriceMinor')}::bigint[],
      ${minor('merchantDiscountMinor')}::bigint[], ${minor('platformDiscountMinor')}::bigint[],
      ${minor('totalMinor')}::bigint[], ${minor('taxMinor')}::bigint[])
      AS l (id, position, variant_id, sku, name, quantity, cancelled, reference, rate, price, merchant, platform, total, tax)`;
  return order;
}

type AmountOfLine = Extract<keyof DraftLine, `${string}Minor`>;

/** A receiver as its row has it: what was not given is null. */
export const personOf = ({ phone, email, region, district, postalCode, ...given }: Receiver) => ({
  ...given,
  phone: phone ?? null,
  email: email ?? null,
  region: region ?? null,
  district: district ?? null,
  postalCode: postalCode ?? null,
});
