// What a person reads who has just started Dayshift: where it is, how to log in, what to paste.

import { db } from '../../src/core/db.ts';
import { toGlobalId } from '../../src/core/ids.ts';
import type { Login } from './administrator.ts';

interface Started {
  url: string;
  login: Login | null;
  graphiql: boolean;
}

/** What a person who has just started Dayshift can do next: where it is, how to log in, what to paste. */
export async function welcome({ url, login, graphiql }: Started): Promise<string> {
  const lines = [
    '',
    `Dayshift serves ${url}/graphql${graphiql ? '  (open it in a browser for GraphiQL)' : ''}`,
    '',
  ];
  if (login)
    lines.push(
      `  e-mail    ${login.email}`,
      `  password  ${login.password}  (the first one, if it was changed)`,
      '',
    );
  const email = login?.email ?? '…';
  const password = login?.password ?? '…';
  lines.push(
    '1. Log in, then send the token as header { "Authorization": "Bearer <token>" }:',
    `   mutation { sessionOpen(input: { email: "${email}", password: "${password}" }) { token userErrors { message } } }`,
    '2. Watch orders live:',
    '   subscription { orderEvents { cursor type occurredAt order { number state total { amount currency } } } }',
    '3. In a second tab, place one:',
    `   mutation { orderPlace(input: { ${await exampleOrder()} }) { order { number total { amount } } userErrors { message path } } }`,
    '',
    'Ctrl-C stops everything.',
  );
  return lines.join('\n');
}

/** Input of an order that can be placed now, with ids of a store and of something that it sells. */
async function exampleOrder(): Promise<string> {
  const listing = await db.listing.findFirst({
    where: {
      state: 'ON_SALE',
      product: {
        publishedVersionId: { not: null },
        variants: { some: { archivedAt: null, stocks: { some: { soldOut: false, onHand: { gt: 5 } } } } },
      },
    },
    orderBy: { createdAt: 'asc' },
    select: {
      storeId: true,
      product: {
        select: {
          variants: {
            where: { archivedAt: null, stocks: { some: { soldOut: false } } },
            take: 1,
            select: { id: true },
          },
        },
      },
    },
  });
  const storeId = listing ? toGlobalId('Store', listing.storeId) : '…';
  const variantId = listing?.product.variants[0]
    ? toGlobalId('Variant', listing.product.variants[0].id)
    : '…';
  return [
    'idempotencyKey: "first-order"',
    `storeId: "${storeId}"`,
    'contact: { name: "Li Lei", phone: "+86 138 1234 5678" }',
    'address: { country: "CN", region: "上海市", city: "上海市", district: "徐汇区", lines: ["漕溪北路 88 号"] }',
    `lines: [{ variantId: "${variantId}", quantity: 1 }]`,
  ].join(', ');
}
