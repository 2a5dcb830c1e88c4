// Orders to pay, and a payment gateway that reports on them and is asked for refunds, on sockets of its own.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { afterAll } from 'vitest';
import { type PlacedOrder, shopIn } from '../orders/shop.ts';
import type { App } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';
import { newKey, uniqueName } from '../setup/given.ts';
import type { Machine } from '../setup/partners.ts';

const PAYMENT = `id state method amount { amount currency } transactionReference failureReason connectionCode capturedAt version`;
const REFUND = `id state reason amount { amount } freight { amount } transactionReference failureReason attempts version
  payment { id } lines(first: 10) { edges { node { quantity amount { amount } orderLine { id } } } }
  allowedActions { action allowed reasonCode }`;
const ACCOUNT = `terms isCovered due { amount } captured { amount } refunding { amount } refunded { amount }
  outstanding { amount } payments(first: 50) { edges { node { ${PAYMENT} } } } refunds(first: 50) { edges { node { ${REFUND} } } }`;

interface Amount {
  amount: string;
}

export interface Payment {
  id: string;
  state: string;
  method: string;
  amount: Amount & { currency: string };
  transactionReference: string | null;
  failureReason: string | null;
  connectionCode: string | null;
  capturedAt: string | null;
  version: number;
}

export interface Refund {
  id: string;
  state: string;
  reason: string;
  amount: Amount;
  freight: Amount;
  transactionReference: string | null;
  failureReason: string | null;
  attempts: number;
  version: number;
  payment: { id: string };
  lines: { edges: { node: { quantity: number; amount: Amount; orderLine: { id: string } } }[] };
  allowedActions: { action: string; allowed: boolean; reasonCode: string | null }[];
}

export interface Account {
  terms: string;
  isCovered: boolean;
  due: string;
  captured: string;
  refunding: string;
  refunded: string;
  outstanding: string;
  payments: Payment[];
  refunds: Refund[];
}

type Nodes<Node> = { edges: { node: Node }[] };

/** What the gateway is asked: a refund, verified by the secret of its connection. */
export interface Asked {
  type: string;
  refundReference: string;
  paymentReference: string;
  transactionReference: string;
  amount: string;
  currency: string;
}

/** How the gateway answers: a status and a body, or not at all. */
export type Reply = { status: number; body: object } | 'HANG_UP';

export interface Gateway extends Machine {
  /** Requests for refunds, in the order in which they came. */
  readonly asked: readonly Asked[];
  /** Answer requests from now on like this. Default: succeeded, with a number made of the refund's. */
  reply(how: (asked: Asked) => Reply): void;
  /** Report that a payment came in. */
  captured(
    payment: { id: string },
    amount: string,
    changes?: object,
  ): Promise<{ status: number; json: unknown }>;
  failed(payment: { id: string }, changes?: object): Promise<{ status: number; json: unknown }>;
}

export const succeeded = ({ refundReference }: Asked): Reply => ({
  status: 200,
  body: { status: 'SUCCEEDED', transactionReference: `back-${refundReference.slice(-12)}` },
});

/** Amounts as decimals and connections as their nodes, for short expectations. */
function flatten(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  if ('edges' in value) return (value as Nodes<unknown>).edges.map(({ node }) => node);
  return 'amount' in value ? value.amount : value;
}

export function tillIn(app: App) {
  const shop = shopIn(app);
  const cny = (amount: string) => ({ amount, currency: 'CNY' });
  const till = {
    shop,
    cny,

    /** A gateway with a server that we can call, or one that only reports. */
    async gateway({ callable = true }: { callable?: boolean } = {}): Promise<Gateway> {
      const asked: Asked[] = [];
      let reply = succeeded;
      let machine: Machine | null = null;
      const server = createServer((request, response) => {
        const chunks: Buffer[] = [];
        request.on('data', (chunk: Buffer) => chunks.push(chunk));
        request.on('end', () => {
          const headers = request.headers as Record<string, string>;
          const body = Buffer.concat(chunks).toString('utf8');
          const verified = new Webhook(machine?.secret ?? '').verify(body, headers) as Asked;
          asked.push(verified);
          const answer = reply(verified);
          if (answer === 'HANG_UP') request.socket.destroy();
          else response.writeHead(answer.status).end(JSON.stringify(answer.body));
        });
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      afterAll(() => {
        server.closeAllConnections();
        server.close();
      });
      const { port } = server.address() as AddressInfo;
      machine = await app.given.connection({
        kind: 'PAYMENT',
        ...(callable ? { url: `http://127.0.0.1:${port}/refunds` } : {}),
      });
      const { send } = machine;
      const occurredAt = () => new Date().toISOString();
      return {
        ...machine,
        asked,
        reply: (how) => {
          reply = how;
        },
        captured: ({ id }, amount, changes = {}) =>
          send({
            type: 'payment.captured',
            reference: id,
            transactionReference: `in-${id.slice(-12)}`,
            amount,
            currency: 'CNY',
            occurredAt: occurredAt(),
            ...changes,
          }),
        failed: ({ id }, changes = {}) =>
          send({
            type: 'payment.failed',
            reference: id,
            reason: 'No funds',
            occurredAt: occurredAt(),
            ...changes,
          }),
      };
    },

    /** An order of some units at 10.00 in a store of its own or the given one. */
    async order({
      quantity = 3,
      price = '10.00',
      by = app.admin,
      store = {},
      at,
    }: {
      quantity?: number;
      price?: string;
      by?: Client;
      store?: object;
      at?: Awaited<ReturnType<typeof shop.open>>;
    } = {}): Promise<PlacedOrder & { lineId: string; locationId: string; storeId: string }> {
      const place = at ?? (await shop.open({ policies: {}, ...store }));
      const { variantId } = await shop.variant(place, [quantity], price);
      const order = await shop.place(place.storeId, [{ variantId, quantity }], by);
      const { locationId, storeId } = place;
      return { ...order, lineId: order.lines.edges[0]?.node.id ?? '', locationId, storeId };
    },

    async start(order: { id: string }, gateway: Machine, by: Client = app.admin): Promise<Payment> {
      const input = { idempotencyKey: newKey(), orderId: order.id, connectionCode: gateway.code };
      return (await by.act<{ payment: Payment }>('paymentStart', input, `payment { ${PAYMENT} }`)).payment;
    },

    recordInput: (order: { id: string }, amount: string, changes: object = {}) => ({
      idempotencyKey: newKey(),
      orderId: order.id,
      method: 'BANK_TRANSFER',
      amount: cny(amount),
      transactionReference: uniqueName('transfer'),
      ...changes,
    }),

    async record(order: { id: string }, amount: string, changes: object = {}): Promise<Payment> {
      const input = till.recordInput(order, amount, changes);
      const selection = `payment { ${PAYMENT} }`;
      return (await app.admin.act<{ payment: Payment }>('paymentRecord', input, selection)).payment;
    },

    /** Pay all of an order by a gateway. */
    async pay(order: PlacedOrder, gateway: Gateway): Promise<Payment> {
      const payment = await till.start(order, gateway);
      await gateway.captured(payment, payment.amount.amount);
      return payment;
    },

    /** Pay an order by a gateway and send all of it. */
    async sell(order: PlacedOrder & { locationId: string }, gateway: Gateway): Promise<Payment> {
      const payment = await till.pay(order, gateway);
      await shop.reaches(order.id, { paymentState: 'PAID' });
      await app.admin.act('orderConfirm', { orderId: order.id });
      await shop.send(order.id, order.locationId);
      return payment;
    },

    refundInput: (order: { id: string }, wishes: object) => ({
      idempotencyKey: newKey(),
      orderId: order.id,
      reason: 'RETURN',
      ...wishes,
    }),

    async refund(order: { id: string }, wishes: object): Promise<Refund> {
      const input = till.refundInput(order, wishes);
      return (await app.admin.act<{ refund: Refund }>('refundCreate', input, `refund { ${REFUND} }`)).refund;
    },

    cancel: (order: { id: string }, lines?: object[]) =>
      app.admin.act('orderCancel', {
        idempotencyKey: newKey(),
        orderId: order.id,
        reason: 'CUSTOMER_REQUEST',
        ...(lines ? { lines } : {}),
      }),

    async account(order: { id: string }, by: Client = app.admin): Promise<Account> {
      const { node } = await by.ok<{ node: { payment: Record<string, unknown> } }>(
        `query ($id: ID!) { node(id: $id) { ... on Order { payment { ${ACCOUNT} } } } }`,
        { id: order.id },
      );
      const flat = Object.entries(node.payment).map(([name, value]) => [name, flatten(value)]);
      return Object.fromEntries(flat) as Account;
    },

    /** The refund once it is in a state: what jobs do happens soon, not at once. */
    async reaches(order: { id: string }, state: string, which = 0): Promise<Refund> {
      for (const deadline = Date.now() + 20_000; ; await sleep(50)) {
        const refund = (await till.account(order)).refunds[which];
        if (refund?.state === state) return refund;
        if (Date.now() > deadline)
          throw new Error(`the refund never was ${state}: ${JSON.stringify(refund)}`);
      }
    },

    /** Types of the events of an object, oldest first. */
    async eventsOf(type: string, id: string): Promise<string[]> {
      const { node } = await app.admin.ok<{ node: { timeline: Nodes<{ type: string }> } }>(
        `query ($id: ID!) { node(id: $id) { ... on ${type} { timeline(first: 100) { edges { node { type } } } } } }`,
        { id },
      );
      return node.timeline.edges.map((edge) => edge.node.type);
    },

    /** Amounts of all accounts that differ from what their ledger sums to. */
    unbalanced: () =>
      app.sql(`
        SELECT a.* FROM payment_account a
        LEFT JOIN LATERAL (
          SELECT coalesce(sum(delta_minor) FILTER (WHERE counter = 'DUE'), 0) AS due,
            coalesce(sum(delta_minor) FILTER (WHERE counter = 'CAPTURED'), 0) AS captured,
            coalesce(sum(delta_minor) FILTER (WHERE counter = 'REFUNDING'), 0) AS refunding,
            coalesce(sum(delta_minor) FILTER (WHERE counter = 'REFUNDED'), 0) AS refunded
          FROM payment_ledger_entry l WHERE l.order_id = a.order_id
        ) s ON true
        LEFT JOIN LATERAL (
          SELECT coalesce(sum(amount_minor) FILTER (WHERE state = 'SUCCEEDED'), 0) AS back,
            coalesce(sum(amount_minor) FILTER (WHERE state <> 'SUCCEEDED'), 0) AS going
          FROM refund r WHERE r.order_id = a.order_id
        ) r ON true
        LEFT JOIN LATERAL (
          SELECT coalesce(sum(amount_minor), 0) AS came FROM payment p WHERE p.order_id = a.order_id AND state = 'CAPTURED'
        ) p ON true
        WHERE (due_minor, captured_minor, refunding_minor, refunded_minor)
          IS DISTINCT FROM (s.due, s.captured, s.refunding, s.refunded)
          OR (captured_minor, refunding_minor, refunded_minor) IS DISTINCT FROM (p.came, r.going, r.back)`),
  };
  return till;
}
