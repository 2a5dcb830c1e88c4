// Confirming, holding, releasing, cancelling and completing orders.

import { expect, test } from 'vitest';
import { brief } from '../catalog/goods.ts';
import { startApp } from '../setup/app.ts';
import { newKey } from '../setup/given.ts';
import { ORDER, type PlacedOrder, shopIn } from './shop.ts';

const app = await startApp();
const shop = shopIn(app);
const at = await shop.open({ freight: { amount: '10.00', currency: 'CNY' } });

const ordered = async (quantity = 3, units = 10) => {
  const { variantId } = await shop.variant(at, [units]);
  const order = await shop.place(at.storeId, [{ variantId, quantity }]);
  return { variantId, order, lineId: order.lines.edges[0]?.node.id ?? '' };
};

const act = async (mutation: string, input: object) =>
  (await app.admin.act<{ order: PlacedOrder }>(mutation, { ...input }, ORDER)).order;

const actionsOf = async (id: string, client = app.admin) => {
  const { node } = await client.ok<{
    node: { allowedActions: { action: string; allowed: boolean; reasonCode: string | null }[] };
  }>('query ($id: ID!) { node(id: $id) { ... on Order { allowedActions { action allowed reasonCode } } } }', {
    id,
  });
  return Object.fromEntries(
    node.allowedActions.map(({ action, allowed, reasonCode }) => [action, allowed || reasonCode]),
  );
};

test('an order is confirmed once, and its version tells a caller that others were faster', async () => {
  const { order } = await ordered();
  const confirmed = await act('orderConfirm', { orderId: order.id, expectedVersion: 1 });
  expect(confirmed).toMatchObject({ state: 'CONFIRMED', version: 2 });
  expect(brief(await app.admin.refusal('orderConfirm', { orderId: order.id, expectedVersion: 1 }))).toEqual([
    'STALE_VERSION input.expectedVersion',
  ]);
  expect(brief(await app.admin.refusal('orderConfirm', { orderId: order.id }))).toEqual([
    'ILLEGAL_STATE input.orderId',
  ]);
});

test('twenty confirmations at once confirm an order once', async () => {
  const { order } = await ordered();
  const document =
    'mutation ($input: OrderConfirmInput!) { orderConfirm(input: $input) { order { version } userErrors { code } } }';
  const answers = await Promise.all(
    Array.from({ length: 20 }, () =>
      app.admin.run<{ orderConfirm: { order: object | null; userErrors: object[] } }>(document, {
        input: { orderId: order.id },
      }),
    ),
  );
  expect(answers.filter(({ data }) => data?.orderConfirm.order)).toHaveLength(1);
  expect(answers.flatMap(({ data }) => data?.orderConfirm.userErrors)).toEqual(
    Array(19).fill({ code: 'ILLEGAL_STATE' }),
  );
});

test('an order with two holds goes on when the second is released, each with its reason', async () => {
  const { order } = await ordered();
  await act('orderHold', { orderId: order.id, kind: 'ADDRESS', reason: 'Which building?' });
  const held = await act('orderHold', { orderId: order.id, kind: 'RISK', reason: 'Forwarder' });
  expect(held).toMatchObject({ held: true, version: 3 });
  const refused = await app.admin.refusal('orderConfirm', { orderId: order.id });
  expect(refused).toMatchObject([
    { code: 'ORDER_HELD', message: 'The order is on hold: Address to be clarified, Risk.' },
  ]);
  const { node } = await app.admin.ok<{
    node: { holds: { edges: { node: { id: string; kind: string } }[] } };
  }>(
    'query ($id: ID!) { node(id: $id) { ... on Order { holds { edges { node { id kind reason releasedAt } } } } } }',
    { id: order.id },
  );
  const [first, second] = node.holds.edges.map((edge) => edge.node.id);
  expect((await act('orderRelease', { orderHoldId: first, reason: 'Building 3' })).held).toBe(true);
  expect(brief(await app.admin.refusal('orderRelease', { orderHoldId: first, reason: 'again' }))).toEqual([
    'NOT_HELD input.orderHoldId',
  ]);
  expect((await act('orderRelease', { orderHoldId: second, reason: 'Known customer' })).held).toBe(false);
  expect((await act('orderConfirm', { orderId: order.id })).state).toBe('CONFIRMED');
});

test('cancelling units of a line gives back their stock and lowers the sums to the cent', async () => {
  const { order, variantId, lineId } = await ordered(3);
  const input = {
    idempotencyKey: newKey(),
    orderId: order.id,
    reason: 'OUT_OF_STOCK',
    note: 'one broke',
    lines: [{ orderLineId: lineId, quantity: 1 }],
  };
  const cancelled = await act('orderCancel', input);
  expect(cancelled).toMatchObject({
    state: 'PENDING_CONFIRMATION',
    merchandise: { amount: '20.00' },
    total: { amount: '30.00' },
    tax: { amount: '3.45' },
  });
  expect(cancelled.lines.edges[0]?.node).toMatchObject({
    quantity: 3,
    cancelled: 1,
    total: { amount: '20.00' },
  });
  expect((await shop.stocks(variantId)).get(at.locationId)).toMatchObject({ allocated: 2, onHand: 10 });
  const replay = await act('orderCancel', input);
  expect(replay).toEqual(cancelled);
  const tooMuch = { ...input, idempotencyKey: newKey(), lines: [{ orderLineId: lineId, quantity: 3 }] };
  expect(await app.admin.refusal('orderCancel', tooMuch)).toMatchObject([
    {
      code: 'QUANTITY_EXCEEDS_OPEN',
      path: ['input', 'lines', '0', 'quantity'],
      message: 'Only 2 units of this line are still open.',
    },
  ]);
});

test('cancelling what is left cancels the order and nothing is owed, allocated or held any more', async () => {
  const { order, variantId, lineId } = await ordered(2);
  await act('orderConfirm', { orderId: order.id });
  await act('orderHold', { orderId: order.id, kind: 'RISK', reason: 'Forwarder' });
  const cancelled = await act('orderCancel', {
    idempotencyKey: newKey(),
    orderId: order.id,
    reason: 'CUSTOMER_REQUEST',
    lines: [{ orderLineId: lineId, quantity: 2 }],
  });
  expect(cancelled).toMatchObject({ state: 'CANCELLED', total: { amount: '0.00' }, tax: { amount: '0.00' } });
  expect(await shop.reasons(order.id)).toEqual({
    en: ['Forwarder', 'The order was cancelled.'],
    zh: ['Forwarder', '订单已取消。'],
  });
  expect((await shop.stocks(variantId)).get(at.locationId)).toMatchObject({ allocated: 0, onHand: 10 });
  expect(
    brief(
      await app.admin.refusal('orderCancel', {
        idempotencyKey: newKey(),
        orderId: order.id,
        reason: 'OTHER',
      }),
    ),
  ).toEqual(['ILLEGAL_STATE input.orderId']);
});

test('a cancellation names lines of its own order, each once', async () => {
  const mine = await ordered();
  const other = await ordered();
  const input = (lines: object[]) => ({
    idempotencyKey: newKey(),
    orderId: mine.order.id,
    reason: 'OTHER',
    lines,
  });
  expect(
    brief(await app.admin.refusal('orderCancel', input([{ orderLineId: other.lineId, quantity: 1 }]))),
  ).toEqual(['NOT_FOUND input.lines.0.orderLineId']);
  const twice = [
    { orderLineId: mine.lineId, quantity: 1 },
    { orderLineId: mine.lineId, quantity: 1 },
  ];
  expect(brief(await app.admin.refusal('orderCancel', input(twice)))).toEqual([
    'DUPLICATE input.lines.1.orderLineId',
  ]);
});

test('C24 an order completes when its goods were sent, and no act is possible any more', async () => {
  const { order, variantId, lineId } = await ordered(3);
  await act('orderCancel', {
    idempotencyKey: newKey(),
    orderId: order.id,
    reason: 'OTHER',
    lines: [{ orderLineId: lineId, quantity: 1 }],
  });
  expect(
    brief(await app.admin.refusal('orderComplete', { idempotencyKey: newKey(), orderId: order.id })),
  ).toEqual(['ILLEGAL_STATE input.orderId']);
  await act('orderConfirm', { orderId: order.id });
  const early = await app.admin.refusal('orderComplete', { idempotencyKey: newKey(), orderId: order.id });
  expect(brief(early)).toEqual(['NOT_DISPATCHED input.orderId']);
  await shop.pay(await shop.order(order.id));
  await shop.send(order.id, at.locationId);
  const completed = await act('orderComplete', { idempotencyKey: newKey(), orderId: order.id });
  expect(completed).toMatchObject({ state: 'COMPLETED', fulfilmentState: 'DELIVERED' });
  expect(completed.lines.edges[0]?.node).toMatchObject({ dispatched: 2, cancelled: 1 });
  expect((await shop.stocks(variantId)).get(at.locationId)).toMatchObject({ onHand: 8, allocated: 0 });
  expect(Object.values(await actionsOf(order.id))).toEqual(Array(6).fill('ILLEGAL_STATE'));
});

test('allowed actions say what the order and the caller’s permissions allow, and the verbs agree', async () => {
  const { order } = await ordered();
  expect(await actionsOf(order.id)).toEqual({
    CONFIRM: true,
    HOLD: true,
    RELEASE: 'NOT_HELD',
    CANCEL: true,
    DISPATCH: 'ILLEGAL_STATE',
    COMPLETE: 'ILLEGAL_STATE',
  });
  const service = await app.given.staff({ posts: ['customer_service'] });
  expect(await actionsOf(order.id, service)).toMatchObject({ CONFIRM: 'NOT_PERMITTED', CANCEL: true });
  const answer = await service.run(
    'mutation ($input: OrderConfirmInput!) { orderConfirm(input: $input) { userErrors { code } } }',
    { input: { orderId: order.id } },
  );
  expect(answer.errors[0]?.extensions).toMatchObject({
    code: 'FORBIDDEN',
    requiredPermission: 'orders.confirm',
  });
});

test('T24 a clerk of one store cannot see, change or watch the orders of another', async () => {
  const { order } = await ordered();
  const elsewhere = await shop.open();
  const clerk = await app.given.staff({ posts: ['order_clerk'], stores: [elsewhere.storeId] });
  const read = await clerk.run<{ node: object | null; orders: { totalCount: number } }>(
    'query ($id: ID!) { node(id: $id) { id ... on Order { number } } orders { totalCount } }',
    { id: order.id },
  );
  expect(read.data?.orders.totalCount).toBe(0);
  expect(read.data?.node).toBeNull();
  expect(brief(await clerk.refusal('orderConfirm', { orderId: order.id }))).toEqual([
    'NOT_FOUND input.orderId',
  ]);
  expect(
    brief(
      await clerk.refusal('orderCancel', { idempotencyKey: newKey(), orderId: order.id, reason: 'OTHER' }),
    ),
  ).toEqual(['NOT_FOUND input.orderId']);
});

test('C60 the timeline and the audit log show who did what, with personal fields only named', async () => {
  const { order } = await ordered();
  const clerk = await app.given.staff({ posts: ['order_clerk'] });
  await clerk.act('orderConfirm', { orderId: order.id });
  const { node, events } = await app.admin.ok<{
    node: { timeline: { totalCount: number; edges: { node: object }[] } };
    events: { edges: { node: object }[] };
  }>(
    `query ($id: ID!) {
      node(id: $id) { ... on Order { timeline { totalCount edges { node { type version actor { kind nodeId } changes { field before after withheld } } } } } }
      events(where: { nodeId: $id }) { edges { node { type version requestId source } } }
    }`,
    { id: order.id },
  );
  expect(node.timeline.totalCount).toBe(2);
  expect(node.timeline.edges.map((edge) => edge.node)).toMatchObject([
    { type: 'order.placed', version: 1, actor: { kind: 'STAFF', nodeId: app.admin.staffId } },
    {
      type: 'order.confirmed',
      version: 2,
      actor: { kind: 'STAFF', nodeId: clerk.staffId },
      changes: [{ field: 'state', before: 'PENDING_CONFIRMATION', after: 'CONFIRMED', withheld: false }],
    },
  ]);
  expect(JSON.stringify(node)).not.toContain('李雷');
  expect(node.timeline.edges[0]?.node).toMatchObject({
    changes: expect.arrayContaining([{ field: 'contact', before: null, after: null, withheld: true }]),
  });
  expect(events.edges.map((edge) => edge.node)).toMatchObject([
    { type: 'order.confirmed', source: 'http' },
    { type: 'order.placed' },
  ]);
  await expect(app.sql('UPDATE event SET type = type')).rejects.toThrow('never changed or deleted');
  await expect(app.sql('DELETE FROM event')).rejects.toThrow('never changed or deleted');
});
