// What callers hand in about remarks, flags and mentions.

import { z } from 'zod';
import {
  ALWAYS,
  boolean,
  distinct,
  idempotencyKey,
  idOf,
  issue,
  list,
  oneOf,
  text,
} from '../../core/inputs.ts';
import { orderFlags } from '../texts.ts';

export const orderRemarkInput = z.object({
  idempotencyKey: idempotencyKey().optional(),
  orderId: idOf('Order').describe('The order.'),
  text: text(1, 2_000).describe('What colleagues should know. Never shown to shoppers or partners.'),
  mentionIds: list(idOf('Staff'), 0, 20)
    .superRefine((ids, context) => distinct(context, ids), ALWAYS)
    .optional()
    .describe('Colleagues to name, each once; they are told. See `colleagues` for whom there is.'),
});
export type OrderRemarkWrite = z.output<typeof orderRemarkInput>;

export const orderFlagInput = z
  .object({
    orderId: idOf('Order').describe('The order.'),
    flag: oneOf('OrderFlag', orderFlags)
      .optional()
      .describe('Colour of the flag. Required unless `withoutFlag` is true.'),
    withoutFlag: boolean().optional().describe('True: the flag is taken off. Not with `flag`.'),
  })
  .superRefine(({ flag, withoutFlag = false }, context) => {
    if (!flag && !withoutFlag) issue(context, 'REQUIRED', {}, ['flag']);
    if (flag && withoutFlag)
      issue(
        context,
        'INVALID',
        { why: { en: 'give flag or withoutFlag, not both', zh: 'flag 与 withoutFlag 只能填写一个' } },
        ['withoutFlag'],
      );
  }, ALWAYS);
export type OrderFlagSet = z.output<typeof orderFlagInput>;

export const mentionReadInput = z.object({
  mentionIds: list(idOf('Mention'), 1, 100)
    .superRefine((ids, context) => distinct(context, ids), ALWAYS)
    .describe('Mentions of the caller, each once.'),
});
export type MentionRead = z.output<typeof mentionReadInput>;

export const mentionWhere = z.object({
  unread: boolean()
    .optional()
    .describe('True: only mentions that were not read yet. False: only those that were.'),
});

export const mentionEventFilter = z.object({
  orderIds: list(idOf('Order'), 0, 100)
    .optional()
    .describe('Only mentions on these orders; an empty list matches nothing.'),
  storeIds: list(idOf('Store'), 0, 100)
    .optional()
    .describe('Only mentions on orders of these stores; an empty list matches nothing.'),
});

export const colleagueWhere = z.object({
  orderId: idOf('Order').optional().describe('Only those who may read remarks on this order.'),
  name: text(1, 100).optional().describe('Only those whose names contain this.'),
});
export type ColleagueWhere = z.output<typeof colleagueWhere>;
