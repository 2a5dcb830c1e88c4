// How orders of a store can be paid, for those who are about to order.

import { db } from '../../core/db.ts';
import type { PaymentTerms } from '../../generated/prisma/enums.ts';
import { builder, enumRef } from '../../graphql/builder.ts';
import type { Context } from '../../graphql/context.ts';
import { perContext } from '../../graphql/per-context.ts';
import { textIn } from '../../graphql/text.ts';
import { paymentTerms } from '../texts.ts';
import './account.ts';

interface Option {
  terms: PaymentTerms;
  connectionCode: string | null;
  name: string;
}

const GATEWAYS_MAX = 50;

const PaymentOption = builder.objectRef<Option>('PaymentOption').implement({
  description: 'A way to pay an order.',
  fields: (t) => ({
    terms: t.field({
      type: enumRef('PaymentTerms') as never,
      description: 'What `orderPlace` is given as `terms`.',
      resolve: ({ terms }) => terms as never,
    }),
    connectionCode: t.exposeString('connectionCode', {
      nullable: true,
      description:
        'What `paymentStart` is given as `connectionCode`; null where nothing is paid before delivery.',
    }),
    name: t.exposeString('name', {
      description: 'Name of the payment gateway, or of the terms, in the language of the request.',
    }),
  }),
});

builder.prismaObjectField('Store', 'paymentMethods', (t) =>
  t.field({
    type: [PaymentOption],
    description: `Ways to pay an order that is placed in the store: each payment gateway in use, at most ${GATEWAYS_MAX} by their codes, and payment on delivery where the store offers it.`,
    select: { cashOnDelivery: true },
    resolve: async ({ cashOnDelivery }, _args, context) => {
      const gateways = await gatewaysIn(context);
      return cashOnDelivery ? [...gateways, onDelivery(context.actor.locale)] : gateways;
    },
  }),
);

const onDelivery = (locale: Context['actor']['locale']): Option => ({
  terms: 'CASH_ON_DELIVERY',
  connectionCode: null,
  name: paymentTerms.CASH_ON_DELIVERY[locale],
});

/** The payment gateways in use, the same for all stores of an answer. */
const gatewaysIn = perContext(({ actor }) => readGateways(actor.locale));

async function readGateways(locale: string): Promise<Option[]> {
  const rows = await db.connection.findMany({
    where: { kind: 'PAYMENT', archivedAt: null, partner: { kind: 'PAYMENT_GATEWAY' } },
    orderBy: { code: 'asc' },
    take: GATEWAYS_MAX,
    select: { code: true, partner: { select: { texts: { orderBy: { locale: 'asc' } } } } },
  });
  return rows.map(({ code, partner }) => ({
    terms: 'PREPAID',
    connectionCode: code,
    name: textIn(partner.texts, locale)?.name ?? code,
  }));
}
