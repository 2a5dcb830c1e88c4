// Holds of orders, and placing and releasing them.

import { isColleague, isInternal } from '../../core/actor.ts';
import { reasonIn } from '../../core/texts.ts';
import { builder, enumType } from '../../graphql/builder.ts';
import { mutation } from '../../graphql/payload.ts';
import { orderScope, seesOrder } from '../access.ts';
import { holdOrder, releaseOrder } from '../actions/change-order.ts';
import { orderHoldInput, orderReleaseInput } from '../inputs/change.ts';
import { holdKinds } from '../texts.ts';

const HoldKind = enumType('OrderHoldKind', 'What has to be settled before an order goes on.', holdKinds);

builder.prismaNode('OrderHold', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: (hold, { actor }) => isInternal(actor) && seesOrder(actor, hold.order),
  select: { id: true, order: { select: orderScope } },
  fields: (t) => ({
    order: t.relation('order', { description: 'The order on hold.' }),
    kind: t.expose('kind', { type: HoldKind, description: 'What has to be settled.' }),
    reason: t.string({
      description: 'Why, for colleagues. Empty for partners.',
      select: { reason: true },
      resolve: ({ reason }, _args, { actor }) => (isColleague(actor) ? reasonIn(actor.locale, reason) : ''),
    }),
    placedAt: t.expose('placedAt', { type: 'DateTime', description: 'When the order was stopped.' }),
    releasedAt: t.expose('releasedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was released; null while it is open.',
    }),
    releaseReason: t.string({
      nullable: true,
      description: 'How it was settled, for colleagues; null while it is open. Empty for partners.',
      select: { releaseReason: true },
      resolve: ({ releaseReason }, _args, { actor }) => {
        if (releaseReason === null) return null;
        return isColleague(actor) ? reasonIn(actor.locale, releaseReason) : '';
      },
    }),
  }),
});

mutation('orderHold', {
  description: 'Stop an order with a reason. Refused with NOT_FOUND, STALE_VERSION, ILLEGAL_STATE.',
  scope: 'orders.hold',
  input: orderHoldInput,
  returns: 'Order',
  run: holdOrder,
});

mutation('orderRelease', {
  description:
    'Release one hold of an order. Refused with NOT_FOUND, NOT_HELD, ILLEGAL_STATE, AWAITING_STOCK for an order that waits for stock and goes on by itself.',
  scope: 'orders.hold',
  input: orderReleaseInput,
  returns: 'Order',
  run: releaseOrder,
});
