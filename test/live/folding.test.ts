// Whatever a client lives through, folding what it hears gives the state of the database.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shopIn } from '../orders/shop.ts';
import { startApp } from '../setup/app.ts';
import { startInstance } from '../setup/instances.ts';
import { type BareSocket, openBareSocket } from '../setup/socket.ts';

const app = await startApp();
const shop = shopIn(app);
const at = await shop.open();
const { variantId } = await shop.variant(at, [10_000]);
let other = await startInstance(app);

const wsUrlOf = ({ origin }: { origin: string }) => `${origin.replace('http', 'ws')}/graphql`;

const FEED = `subscription ($after: EventCursor) {
  orderEvents(after: $after) { cursor version skipped order { id version state held } }
}`;

interface Order {
  id: string;
  version: number;
  state: string;
  held: boolean;
}

interface Item {
  cursor: string;
  version: number | null;
  skipped: number;
  order: Order | null;
}

/** A client that keeps the cursor of every item and the newest state of every order, as the README says. */
function follower(start: string) {
  const orders = new Map<string, Order>();
  const wentBack: string[] = [];
  let cursor = start;
  let open: BareSocket | null = null;
  const hear = (item: Item) => {
    cursor = item.cursor;
    if (!item.order) return;
    const known = orders.get(item.order.id);
    if (known && item.order.version < known.version) wentBack.push(item.order.id);
    orders.set(item.order.id, item.order);
  };
  return {
    orders,
    wentBack,
    async connect(wsUrl: string) {
      const bare = await openBareSocket(wsUrl);
      await bare.greet({ authorization: `Bearer ${app.admin.token}` });
      bare.socket.on('message', (data) => {
        const { type, payload } = JSON.parse(String(data)) as {
          type: string;
          payload?: { data?: { orderEvents: Item } };
        };
        if (type === 'next' && payload?.data && open === bare) hear(payload.data.orderEvents);
      });
      open = bare;
      bare.send({ type: 'subscribe', id: 'f', payload: { query: FEED, variables: { after: cursor } } });
    },
    drop() {
      open?.socket.terminate();
      open = null;
    },
    pause: () => open?.socket.pause(),
    resume: () => open?.socket.resume(),
  };
}

type Step =
  | { do: 'place' | 'reconnect'; elsewhere: boolean }
  | { do: 'change'; order: number; elsewhere: boolean }
  | { do: 'pause' | 'resume' | 'kill' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 60, arbitrary: fc.record({ do: fc.constant('place' as const), elsewhere: fc.boolean() }) },
  {
    weight: 80,
    arbitrary: fc.record({ do: fc.constant('change' as const), order: fc.nat(7), elsewhere: fc.boolean() }),
  },
  { weight: 20, arbitrary: fc.record({ do: fc.constant('reconnect' as const), elsewhere: fc.boolean() }) },
  { weight: 10, arbitrary: fc.record({ do: fc.constant('pause' as const) }) },
  { weight: 10, arbitrary: fc.record({ do: fc.constant('resume' as const) }) },
  // Another instance takes seconds to start.
  { weight: 1, arbitrary: fc.record({ do: fc.constant('kill' as const) }) },
);

/** The instance that the client hears is killed in the middle of what happens on both. */
const killed: Step[] = [
  { do: 'place', elsewhere: true },
  { do: 'reconnect', elsewhere: true },
  { do: 'change', order: 0, elsewhere: false },
  { do: 'place', elsewhere: true },
  { do: 'kill' },
  { do: 'change', order: 1, elsewhere: true },
  { do: 'place', elsewhere: false },
];

test('G23 after drops, slow reads, restarts and changes of instance a client knows what the database knows, and no version goes back', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
      const { eventCursor } = await app.admin.ok<{ eventCursor: string }>('{ eventCursor }');
      const client = follower(eventCursor);
      await client.connect(app.wsUrl);
      const placed: string[] = [];
      const held = new Set<string>();
      const by = (elsewhere: boolean) => (elsewhere ? other.client : app.admin);
      for (const one of steps) {
        if (one.do === 'place') {
          const order = await shop.place(at.storeId, [{ variantId, quantity: 1 }], by(one.elsewhere));
          placed.push(order.id);
        } else if (one.do === 'change') {
          const orderId = placed[one.order % Math.max(1, placed.length)];
          if (!orderId || held.has(orderId)) continue;
          held.add(orderId);
          await by(one.elsewhere).act('orderHold', { orderId, kind: 'OTHER', reason: 'x' });
        } else if (one.do === 'reconnect') {
          client.drop();
          await client.connect(one.elsewhere ? wsUrlOf(other) : app.wsUrl);
        } else if (one.do === 'kill') {
          await other.end('SIGKILL');
          other = await startInstance(app);
          client.drop();
          await client.connect(wsUrlOf(other));
        } else client[one.do]();
      }
      client.resume();
      const truth = await Promise.all(
        placed.map(
          async (id) =>
            (
              await app.admin.ok<{ node: Order }>(
                'query ($id: ID!) { node(id: $id) { ... on Order { id version state held } } }',
                { id },
              )
            ).node,
        ),
      );
      await expect
        .poll(() => placed.map((id) => client.orders.get(id)), { timeout: 10_000, interval: 20 })
        .toEqual(truth);
      expect(client.wentBack).toEqual([]);
      client.drop();
    }),
    { numRuns: 15, endOnFailure: true, examples: [[killed]] },
  );
}, 120_000);
