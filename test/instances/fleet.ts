// Several instances behind one address, as they run behind a balancer, and callers that keep at it.

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { Client } from '../setup/client.ts';
import { clientAt } from '../setup/client.ts';
import { type Example, type Instance, startInstance } from '../setup/instances.ts';

export interface Fleet {
  /** The port of the balancer. */
  port: number;
  /** The administrator, through the balancer. */
  client: Client;
  instances: (Instance | null)[];
  /** Start the instance of this place, and let the balancer find it. */
  start(place: number): Promise<void>;
}

const PROBE_MS = 100;

/** Start so many instances; the balancer takes turns among those that say they are ready. */
export async function startFleet(
  example: Example,
  size: number,
  env: Record<string, string> = {},
): Promise<Fleet> {
  const instances: (Instance | null)[] = Array.from({ length: size }, () => null);
  const ready = new Set<Instance>();
  let turn = 0;
  const server = createServer((incoming) => {
    const able = [...ready];
    const chosen = able[turn++ % able.length];
    if (!chosen) return void incoming.resetAndDestroy();
    join(incoming, connect(Number(new URL(chosen.origin).port), '127.0.0.1'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const probing = setInterval(() => {
    for (const one of instances) if (one) void probe(one);
  }, PROBE_MS);
  const probe = async (one: Instance) => {
    const signal = AbortSignal.timeout(1_000);
    const answer = await fetch(`${one.origin}/ready`, { signal }).catch(() => null);
    if (answer?.ok && instances.includes(one)) ready.add(one);
    else ready.delete(one);
  };
  onTestFinished(() => {
    clearInterval(probing);
    server.close();
    for (const one of instances) one?.child.kill('SIGKILL');
  });
  const { port } = server.address() as AddressInfo;
  const door = { url: `http://127.0.0.1:${port}/graphql`, wsUrl: `ws://127.0.0.1:${port}/graphql` };
  const fleet: Fleet = {
    port,
    instances,
    client: clientAt({ ...door, token: example.admin.token }),
    async start(place) {
      const one = await startInstance(example, env);
      instances[place] = one;
      await probe(one);
    },
  };
  for (let place = 0; place < size; place++) await fleet.start(place);
  return fleet;
}

function join(one: Socket, other: Socket): void {
  for (const [from, to] of [[one, other] as const, [other, one] as const])
    from
      .on('error', () => to.destroy())
      .on('close', () => to.destroy())
      .pipe(to);
}

export interface Load {
  /** Orders that were acknowledged, by the key with which they were placed. */
  placed: Map<string, string>;
  /** Codes and statuses of what was refused; it was tried again. */
  refusals: Set<unknown>;
  /** Let everybody finish what they are about to place. */
  stop(): Promise<void>;
}

const PLACE =
  'mutation ($input: OrderPlaceInput!) { orderPlace(input: $input) { order { id } userErrors { code } } }';
const ANSWER_MS = 20_000;

/** Callers who place one order after the other, and each again with its key until it is acknowledged. */
export function placeOrders(
  client: Client,
  callers: number,
  inputOf: () => { idempotencyKey: string },
): Load {
  const placed = new Map<string, string>();
  const refusals = new Set<unknown>();
  let isGoingOn = true;
  const placeOne = async (input: { idempotencyKey: string }) => {
    for (;;) {
      const timeout = sleep(ANSWER_MS, null, { ref: false });
      const answer = await Promise.race([
        client.run<{ orderPlace: { order: { id: string } | null } }>(PLACE, { input }).catch(() => null),
        timeout,
      ]);
      const order = answer?.data?.orderPlace?.order;
      if (order) return void placed.set(input.idempotencyKey, order.id);
      for (const { extensions } of answer?.errors ?? []) refusals.add(extensions?.code);
      await sleep(50);
    }
  };
  const callersAtWork = Array.from({ length: callers }, async () => {
    while (isGoingOn) await placeOne(inputOf());
  });
  return {
    placed,
    refusals,
    async stop() {
      isGoingOn = false;
      await Promise.all(callersAtWork);
    },
  };
}
