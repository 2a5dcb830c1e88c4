// What shoppers see of deadlines: the moment to pay by, and none of the department's own.

import type { Prisma } from '../generated/prisma/client.ts';
import { openStates } from './rules.ts';

/** The open deadline to pay an order, which has at most one. */
export const openPayment = {
  kind: 'order.payment',
  state: { in: [...openStates] },
} as const satisfies Prisma.DeadlineWhereInput;
