// What callers hand in about the contacts of orders.

import { z } from 'zod';
import { idOf, text } from '../../core/inputs.ts';

export const contactRevealInput = z.object({
  orderId: idOf('Order').describe('The order.'),
  reason: text(1, 1_000).describe('What it is needed for. Kept in the event log under the caller’s name.'),
});
export type ContactReveal = z.output<typeof contactRevealInput>;

export const contactEraseInput = z.object({
  orderId: idOf('Order').describe('The order, completed or cancelled.'),
  reason: text(1, 1_000).describe('Why. Kept in the event log; say nothing personal in it.'),
});
export type ContactErase = z.output<typeof contactEraseInput>;
