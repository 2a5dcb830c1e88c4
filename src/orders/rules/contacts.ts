// When the contact of an order may be erased. Pure: no database, no clock.

import { type Problem, problem } from '../../core/errors.ts';
import type { OrderState } from '../../generated/prisma/enums.ts';
import { orderStates } from '../texts.ts';

/** States of orders that go nowhere any more: nobody needs to know whom they went to. */
export const overStates: readonly OrderState[] = ['COMPLETED', 'CANCELLED'];

/** Why the contact of an order must stay; none when it may be erased. */
export const erasureProblems = ({ state }: { state: OrderState }): Problem[] =>
  overStates.includes(state)
    ? []
    : [problem('ILLEGAL_STATE', { path: ['orderId'], params: { state: orderStates[state] } })];
