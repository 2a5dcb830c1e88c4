// What callers hand in about numbers and the audit log.

import { z } from 'zod';
import { fromGlobalId } from '../core/ids.ts';
import { ALWAYS, idOf, issue, list, moment, pattern, text } from '../core/inputs.ts';

export const boardArgs = z.object({
  storeIds: list(idOf('Store'), 1, 100)
    .optional()
    .describe('Only these stores. Default: all that the caller may see, at most 100.'),
});

const uuid = () =>
  pattern(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, { en: 'this is no request id', zh: '不是请求标识' });

export const eventWhere = z
  .object({
    nodeId: z
      .string()
      .transform((value, context) => {
        const decoded = fromGlobalId(value);
        if (!decoded) issue(context, 'INVALID_ID', { type: 'Node' });
        return decoded?.id ?? '';
      })
      .meta({ graphql: 'ID' })
      .optional()
      .describe('Only events of this object.'),
    staffId: idOf('Staff').optional().describe('Only what this person did.'),
    keyId: idOf('ApiKey').optional().describe('Only what was done with this key.'),
    requestId: uuid().optional().describe('Only what this request did.'),
    types: list(text(1, 60), 0, 50).optional().describe('Only events of these types: `order.placed`.'),
    storeId: idOf('Store').optional().describe('Only events of this store.'),
    from: moment().optional().describe('Only changes made at or after this moment.'),
    before: moment().optional().describe('Only changes made before this moment.'),
  })
  .superRefine(({ from, before }, context) => {
    if (from && before && from >= before)
      issue(
        context,
        'INVALID',
        { why: { en: 'before must be later than from', zh: 'before 必须晚于 from' } },
        ['before'],
      );
  }, ALWAYS);
export type EventWhere = z.output<typeof eventWhere>;
