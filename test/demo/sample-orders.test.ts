// Orders of the sample department, and its partners and customers: every state, parcels, money, clocks, and who did it.

import { Webhook } from 'standardwebhooks';
import { beforeAll, expect, test } from 'vitest';
import { type SampleLogin, seedSample } from '../../prisma/seed/sample.ts';
import { startApp } from '../setup/app.ts';
import { clock } from '../setup/clock.ts';

const app = await startApp();
const seededAt = clock.now();
let login: SampleLogin;

type List<Node> = { edges: { node: Node }[] };
const nodes = <Node>(list: List<Node>): Node[] => list.edges.map((edge) => edge.node);
const read = async <Node>(list: string, fields: string): Promise<Node[]> => {
  const data = await app.admin.ok<Record<string, List<Node>>>(`{ ${list} { edges { node { ${fields} } } } }`);
  return nodes(Object.values(data)[0] ?? { edges: [] });
};

beforeAll(async () => {
  const made = await seedSample(seededAt);
  if (made) login = made;
}, 120_000);

interface Order {
  id: string;
  number: string;
  state: string;
  paymentState: string;
  fulfilmentState: string;
  held: boolean;
  awaitingStock: boolean;
  flag: string | null;
  cancelReason: string | null;
  placedAt: string;
  customer: { name: string } | null;
  platformOrder: { reference: string; discrepancy: { amount: string } } | null;
  store: { code: string };
  payment: { terms: string };
  lines: List<{ sku: string; cancelled: number; dispatched: number }>;
  holds: List<{ kind: string; releasedAt: string | null }>;
  remarks: List<{ author: { name: string } }>;
  shipments: List<{ state: string; trackingEvents: List<{ status: string }> }>;
  deadlines: { kind: string; state: string; dueAt: string }[];
}

const ordersOfSample = () =>
  read<Order>(
    'orders(first: 50, orderBy: OLDEST)',
    `id number state paymentState fulfilmentState held awaitingStock flag cancelReason placedAt customer { name }
     platformOrder { reference discrepancy { amount } } store { code } payment { terms }
     lines(first: 10) { edges { node { sku cancelled dispatched } } } holds(first: 5) { edges { node { kind releasedAt } } }
     remarks(first: 5) { edges { node { author { name } } } }
     shipments(first: 5) { edges { node { state trackingEvents(first: 10) { edges { node { status } } } } } }
     deadlines { kind state dueAt }`,
  );

test('there are orders in every state of each axis, in both stores', async () => {
  const orders = await ordersOfSample();
  const seen = (axis: 'state' | 'paymentState' | 'fulfilmentState') => [
    ...new Set(orders.map((order) => order[axis])),
  ];
  expect(seen('state').sort()).toEqual(['CANCELLED', 'COMPLETED', 'CONFIRMED', 'PENDING_CONFIRMATION']);
  expect(seen('paymentState').sort()).toEqual(['PAID', 'PARTIALLY_REFUNDED', 'REFUNDED', 'UNPAID']);
  expect(seen('fulfilmentState').sort()).toEqual([
    'DELIVERED',
    'DISPATCHED',
    'PARTIALLY_DISPATCHED',
    'UNFULFILLED',
  ]);
  expect(new Set(orders.map((order) => order.store.code))).toEqual(new Set(['main', 'tmall']));
  expect(orders.every((order) => Date.parse(order.placedAt) <= Date.now())).toBe(true);
  expect(new Set(orders.map((order) => order.cancelReason))).toEqual(
    new Set([null, 'CUSTOMER_REQUEST', 'UNPAID']),
  );
});

test('orders were placed by customers, by guests and staff, and pushed by the marketplace by its own numbers', async () => {
  const orders = await ordersOfSample();
  const customers = new Set(orders.flatMap(({ customer }) => customer?.name ?? []));
  expect([...customers].sort()).toEqual(login.customers.map(({ name }) => name).sort());
  const pushed = orders.filter(({ platformOrder }) => platformOrder !== null);
  expect(pushed.map(({ store, payment }) => [store.code, payment.terms])).toEqual(
    pushed.map(() => ['tmall', 'PLATFORM']),
  );
  expect(pushed.every(({ platformOrder }) => platformOrder?.discrepancy.amount === '0.00')).toBe(true);
  const waiting = orders.filter((order) => order.awaitingStock);
  expect(waiting.map(({ lines }) => nodes(lines).map(({ sku }) => sku))).toEqual([['BUDS-BLACK']]);
  const doers = await app.sql<{ kind: string }>(
    `SELECT DISTINCT actor_kind AS kind FROM event WHERE type = 'order.placed' ORDER BY 1`,
  );
  expect(doers.map(({ kind }) => kind)).toEqual(['CUSTOMER', 'GUEST', 'KEY', 'STAFF']);
});

test('there are holds, flags, a line cancelled in part, remarks, and a colleague named in one', async () => {
  const orders = await ordersOfSample();
  const held = orders.filter((order) => order.held).map(({ holds }) => nodes(holds).map(({ kind }) => kind));
  expect(held.flat().sort()).toEqual(['ADDRESS', 'RISK', 'STOCK']);
  const released = orders.filter((order) => !order.held && nodes(order.holds).length > 0);
  expect(released).toHaveLength(1);
  const partly = orders.filter(
    (order) => order.state !== 'CANCELLED' && nodes(order.lines).some((line) => line.cancelled > 0),
  );
  expect(partly).toHaveLength(1);
  expect(orders.flatMap(({ flag }) => flag ?? []).sort()).toEqual(['RED', 'YELLOW']);
  expect(orders.flatMap(({ remarks }) => nodes(remarks))).toHaveLength(2);
  const supervisor = await app.login('supervisor@dayshift.local', login.password);
  const { viewerMentions } = await supervisor.ok<{ viewerMentions: List<{ readAt: string | null }> }>(
    '{ viewerMentions(first: 5) { edges { node { readAt } } } }',
  );
  expect(nodes(viewerMentions)).toEqual([{ readAt: null }]);
});

test('parcels are prepared, on their way and delivered, each as the carrier reported', async () => {
  const shipments = (await ordersOfSample()).flatMap(({ shipments: own }) => nodes(own));
  const states = shipments.map(({ state }) => state).sort();
  expect(states).toEqual([
    'DELIVERED',
    'DELIVERED',
    'DELIVERED',
    'DELIVERED',
    'IN_TRANSIT',
    'IN_TRANSIT',
    'PREPARED',
  ]);
  for (const { state, trackingEvents } of shipments) {
    const statuses = nodes(trackingEvents).map(({ status }) => status);
    if (state === 'PREPARED') expect(statuses).toEqual([]);
    else expect(statuses[0]).toBe('PICKED_UP');
    expect(statuses.includes('DELIVERED'), statuses.join()).toBe(state === 'DELIVERED');
  }
});

test('clocks of orders ran while the sample was told: some are met, some ran out, none is due', async () => {
  const orders = await ordersOfSample();
  const deadlines = orders.flatMap((order) => order.deadlines);
  expect(new Set(deadlines.map(({ state }) => state))).toEqual(
    new Set(['MET', 'RUNNING', 'BREACHED', 'CANCELLED']),
  );
  const due = deadlines.filter(({ state, dueAt }) => state === 'RUNNING' && Date.parse(dueAt) <= Date.now());
  expect(due).toEqual([]);
  const expired = orders.filter((order) => order.cancelReason === 'UNPAID');
  expect(expired.map((order) => order.deadlines.map(({ kind, state }) => `${kind} ${state}`).sort())).toEqual(
    [['order.confirmation CANCELLED', 'order.payment BREACHED']],
  );
});

test('a running Dayshift finds nothing left to do about what the sample tells', async () => {
  await expect.poll(() => app.sql('SELECT 1 FROM event_outbox')).toEqual([]);
  const checkpoints = () => app.sql<{ seq: string }>('SELECT name, seq FROM reaction ORDER BY name');
  let before = await checkpoints();
  // The reactions have come to rest when none moves on.
  await expect
    .poll(
      async () => {
        const [was, is] = [before, await checkpoints()];
        before = is;
        return JSON.stringify(was) === JSON.stringify(is) && is.some(({ seq }) => Number(seq) > 0);
      },
      { interval: 500, timeout: 15_000 },
    )
    .toBe(true);
  const later = await app.sql(
    `SELECT type FROM event WHERE entity_type IN ('Order', 'Payment', 'Refund', 'Shipment', 'Stock') AND occurred_at > $1`,
    [seededAt],
  );
  expect(later).toEqual([]);
  expect(await app.sql('SELECT 1 FROM parked_event')).toEqual([]);
});

test('partners can be tried: the marketplace pushes with its key, the carrier reports with its secret', async () => {
  const [{ id: storeId } = { id: '' }] = (
    await read<{ id: string; code: string }>('stores(first: 10)', 'id code')
  ).filter(({ code }) => code === 'tmall');
  const at = clock.now().toISOString();
  const { order } = await app.clientFor(login.partners.marketplaceKey).act<{
    order: { state: string; lines: List<{ sku: string }> };
  }>(
    'orderPush',
    {
      storeId,
      reference: 'tried-1',
      asOf: at,
      placedAt: at,
      state: 'PAID',
      receiver: { name: '钱**', city: '杭州市', masked: true },
      lines: [{ reference: '1', sku: 'LAMP', quantity: 1, unitPrice: { amount: '169.00', currency: 'CNY' } }],
      buyerPaid: { amount: '169.00', currency: 'CNY' },
    },
    'order { state lines(first: 5) { edges { node { sku } } } }',
  );
  expect(order.state).toBe('PENDING_CONFIRMATION');
  const tracking = login.partners.connections.find(({ path }) => path === '/hooks/tracking/sf');
  const body = JSON.stringify({
    carrier: 'sf',
    trackingNumber: 'SF102600000005',
    events: [{ status: 'DELIVERED', occurredAt: at }],
  });
  const signedAt = new Date();
  const answer = await fetch(`${app.origin}${tracking?.path}`, {
    method: 'POST',
    body,
    headers: {
      'webhook-id': 'tried-1',
      'webhook-timestamp': String(Math.floor(signedAt.getTime() / 1_000)),
      'webhook-signature': new Webhook(tracking?.secret ?? '').sign('tried-1', signedAt, body),
    },
  });
  expect([answer.status, await answer.json()]).toEqual([200, { result: 'DONE', received: 1 }]);
});

test('customers log in with the password of the sample and see their orders and addresses', async () => {
  const [customer] = login.customers;
  const { token } = await app.anonymous.act<{ token: string }>(
    'customerSessionOpen',
    { email: customer?.email, password: login.password },
    'token',
  );
  const { viewerOrders, viewerCustomer } = await app.clientFor(token).ok<{
    viewerOrders: List<{ state: string }>;
    viewerCustomer: { name: string; addresses: List<{ name: string }> };
  }>(`{ viewerOrders(first: 10) { edges { node { state } } }
        viewerCustomer { name addresses(first: 5) { edges { node { name } } } } }`);
  expect(nodes(viewerOrders).map(({ state }) => state)).toEqual(['CONFIRMED', 'COMPLETED']);
  expect([viewerCustomer.name, nodes(viewerCustomer.addresses)]).toEqual([
    customer?.name,
    [{ name: customer?.name }],
  ]);
});

test('the board of the sample department shows work to do', async () => {
  const { board } = await app.admin.ok<{
    board: { stores: { toConfirm: number; onHold: number; soldOut: number }[] };
  }>('{ board { stores { toConfirm onHold soldOut } } }');
  expect(board.stores.map((store) => store.toConfirm)).toEqual([2, 2]);
  expect(board.stores.map((store) => store.onHold)).toEqual([2, 1]);
});
