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

export async function insertOrder(
  tx: Tx,
  draft: {
    order: Omit<Prisma.OrderUncheckedCreateInput, 'id' | 'number'>;
    person: Receiver;
    lines: readonly DraftLine[];
  },
): Promise<Order> {
  const [next] = await tx.$queryRaw<{ number: string }[]>`SELECT nextval('order_number')::text AS number`;
  const order = await tx.order.create({ data: { id: newId(), number: next?.number ?? '', ...draft.order } });
  await tx.orderPerson.createMany({ data: { orderId: order.id, ...personOf(draft.person) } });
  await tx.orderLine.createMany({ data: draft.lines.map((line) => ({ ...line, orderId: order.id })) });
  return order;
}

/** A receiver as its row has it: what was not given is null. */
export const personOf = ({ phone, email, region, district, postalCode, ...given }: Receiver) => ({
  ...given,
  phone: phone ?? null,
  email: email ?? null,
  region: region ?? null,
  district: district ?? null,
  postalCode: postalCode ?? null,
});
