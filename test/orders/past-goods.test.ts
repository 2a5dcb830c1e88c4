// What is seen of an order once its goods are no longer sold, and of one in a store that its customer cannot visit.

import { describe, expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';
import { newKey } from '../setup/given.ts';
import { type PlacedOrder, shopIn } from './shop.ts';

const app = await startApp();
const shop = shopIn(app);
const at = await shop.open();

const LINE = `orderLine { variant { id sku archivedAt prices { totalCount } product {
  name publishedVersion { name } versionInWork { name } versions { totalCount } variants(first: 3) { totalCount } } } }`;
const ORDER = `... on Order {
  store { name policies { confirmation } timeline { totalCount } }
  lines(first: 3) { edges { node { order { id } ${LINE.replace('orderLine {', '').slice(0, -1)} } } }
  shipments(first: 3) { edges { node { order { id } carrier { name } location { id }
    lines(first: 3) { edges { node { shipment { id } ${LINE} } } }
    trackingEvents(first: 3) { edges { node { shipment { id } } } } } } }
  payment { due { amount }
    payments(first: 3) { edges { node { order { store { name } } refunds(first: 3) { edges { node { id } } } } } }
    refunds(first: 3) { edges { node { order { id } payment { id }
      lines(first: 3) { edges { node { ${LINE} } } } } } } } }`;

interface Line {
  variant: { sku: string; archivedAt: string | null; product: Record<string, unknown> };
}

interface Page<Node> {
  edges: { node: Node }[];
}

interface Read {
  lines: Page<Line>;
  shipments: Page<{ lines: Page<{ orderLine: Line }> }>;
  payment: { refunds: Page<{ lines: Page<{ orderLine: Line }> }> };
}

const read = async (by: Client, id: string): Promise<Read> =>
  (await by.ok<{ node: Read }>(`query ($id: ID!) { node(id: $id) { ${ORDER} } }`, { id })).node;

const nodes = <Node>({ edges }: Page<Node>): Node[] => edges.map(({ node }) => node);

/** The goods of an order on every way to them: by its lines, its parcels and its refunds. */
const goodsOf = ({ lines, shipments, payment }: Read): Line['variant'][][] => [
  nodes(lines).map(({ variant }) => variant),
  ...[...nodes(shipments), ...nodes(payment.refunds)].map((part) =>
    nodes(part.lines).map(({ orderLine }) => orderLine.variant),
  ),
];

/** An order that was sent and paid back; then its goods were taken off sale, archived and withdrawn, in this order. */
async function pastOrder(buyer: Client) {
  const taken = await shop.variant(at, [5]);
  const archived = await shop.variant(at, [5]);
  const withdrawn = await shop.variant(at, [5]);
  const bought = [taken, archived, withdrawn];
  const lines = bought.map(({ variantId }) => ({ variantId, quantity: 1 }));
  const order = await shop.place(at.storeId, lines, buyer);
  await shop.fulfil(order, at.locationId);
  await app.admin.act('refundCreate', {
    idempotencyKey: newKey(),
    orderId: order.id,
    reason: 'OTHER',
    lines: nodes(order.lines).map(({ id }) => ({ orderLineId: id, quantity: 1 })),
  });
  await app.admin.act('listingSet', { productId: taken.productId, storeId: at.storeId, state: 'OFF_SALE' });
  await app.admin.act('variantArchive', { variantId: archived.variantId });
  await app.admin.act('productWithdraw', { productVersionId: withdrawn.versionId });
  await renameInDraft(withdrawn.productId);
  return { id: order.id, bought };
}

async function renameInDraft(productId: string): Promise<void> {
  const { productVersion } = await app.admin.act<{ productVersion: { id: string } }>(
    'productRevise',
    { productId },
    'productVersion { id }',
  );
  await app.admin.act('productEdit', {
    productVersionId: productVersion.id,
    expectedVersion: 1,
    texts: [{ locale: 'en', name: 'A secret' }],
  });
}

const published = {
  name: 'A product',
  publishedVersion: { name: 'A product' },
  versionInWork: null,
  versions: { totalCount: 1 },
  variants: { totalCount: 1 },
};
const none = { totalCount: 0 };

describe('an order keeps its goods when they are no longer sold', () => {
  const readers: Readonly<Record<string, (buyer: Client) => Client | Promise<Client>>> = {
    'the customer': (buyer) => buyer,
    'the guest': (buyer) => buyer,
    'a colleague without `products.read`': () =>
      app.given.staff({ permissions: ['orders.read', 'payments.read', 'shipments.read'] }),
  };

  test.each(Object.entries(readers))('for %s, with the names that were published', async (who, readerOf) => {
    const buyer = who === 'the guest' ? app.given.guest() : await app.given.customer();
    const { id, bought } = await pastOrder(buyer);
    const order = await read(await readerOf(buyer), id);
    const seen = bought.map(({ variantId, skus }) => ({ id: variantId, sku: skus[0], prices: none }));
    const goods = [
      { ...seen[0], archivedAt: null, product: published },
      { ...seen[1], archivedAt: expect.any(String), product: { ...published, variants: none } },
      {
        ...seen[2],
        archivedAt: null,
        product: { ...published, publishedVersion: null, versions: none, variants: none },
      },
    ];
    expect(goodsOf(order)).toEqual([goods, goods, goods]);
  });

  test('and on no other way', async () => {
    const buyer = await app.given.customer();
    const { bought } = await pastOrder(buyer);
    const [taken, ...gone] = bought.map(({ variantId }) => variantId);
    const byId = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }';
    expect(await buyer.ok(byId, { ids: [taken, ...gone] })).toEqual({
      nodes: [{ id: taken }, null, null],
    });
    const bySku = 'query ($sku: String!) { variantBySku(sku: $sku) { id } }';
    expect(await buyer.ok(bySku, { sku: bought[2]?.skus[0] })).toEqual({ variantBySku: null });
  });
});

test('a customer sees the store of an order that colleagues placed for them on a marketplace', async () => {
  const tmall = await shop.open({ platform: 'TMALL' });
  const { variantId } = await shop.variant(tmall, [5]);
  const customer = await app.given.customer();
  const input = shop.orderInput(tmall.storeId, [{ variantId, quantity: 1 }], {
    customerId: customer.customerId,
  });
  const { order } = await app.admin.act<{ order: PlacedOrder }>('orderPlace', input, 'order { id }');
  expect(await read(customer, order.id)).toMatchObject({
    store: { name: 'A store', policies: null, timeline: none },
  });
  const byId = 'query ($id: ID!) { node(id: $id) { id } }';
  expect(await customer.ok(byId, { id: tmall.storeId })).toEqual({ node: null });
});
