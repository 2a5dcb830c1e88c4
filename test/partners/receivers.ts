// Receivers of webhooks: real servers that answer as a test wishes, and webhooks that send to them.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';
import { afterAll, expect } from 'vitest';
import type { App } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';
import type { KeyClient } from '../setup/partners.ts';

/** A message as it came in. */
export interface Heard {
  id: string;
  signature: string;
  headers: Record<string, string>;
  body: string;
  json: Message;
}

export interface Message {
  type: string;
  occurredAt: string;
  sequence: number | null;
  cursor: string | null;
  nodeId: string;
  version: number | null;
  payload: Record<string, unknown>;
  changes: { field: string; before: unknown; after: unknown; withheld: boolean }[];
  data?: unknown;
  errors?: unknown;
}

/** Answers a message: with a status, or as it likes. */
type Reply = number | ((response: ServerResponse, request: IncomingMessage) => void);

export interface Receiver {
  url: string;
  heard: Heard[];
  /** How it answers from now on. */
  answer(reply: Reply): void;
  /** The first message that fits, once it is there. */
  hears(fits?: (message: Message) => boolean): Promise<Heard>;
  stop(): void;
}

/** A server on a port of its own, which answers 204 unless told otherwise. */
export async function receiver(): Promise<Receiver> {
  const heard: Heard[] = [];
  let reply: Reply = 204;
  const server = createServer(async (request, response) => {
    const body = await text(request).catch(() => null);
    if (body === null) return;
    const headers = request.headers as Record<string, string>;
    const id = headers['webhook-id'] ?? '';
    heard.push({ id, signature: headers['webhook-signature'] ?? '', headers, body, json: JSON.parse(body) });
    if (typeof reply === 'number') response.writeHead(reply).end();
    else reply(response, request);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  afterAll(stop);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    heard,
    answer: (how) => {
      reply = how;
    },
    async hears(fits = () => true) {
      await expect.poll(() => heard.some(({ json }) => fits(json)), waits).toBe(true);
      return heard.find(({ json }) => fits(json)) as Heard;
    },
    stop,
  };
}

export const waits = { timeout: 15_000, interval: 50 };

/** True when a secret verifies a message, as the libraries of Standard Webhooks do it. */
export function verifies(secret: string, { body, headers }: Heard): boolean {
  try {
    new Webhook(secret).verify(body, headers);
    return true;
  } catch {
    return false;
  }
}

export const WEBHOOK = `id keyId url types stores { id } document locale formerSecretUntil state isActive disabledReason
  disabledAt failures failingSince pausedUntil version`;
const DELIVERY = `id messageId type isTest cursor nodeId state reason nextAttemptAt attemptCount settledAt
  attempts(first: 50) { edges { node { number status failure milliseconds bytes answer } } }`;

export interface Delivery {
  id: string;
  messageId: string;
  type: string;
  isTest: boolean;
  cursor: string | null;
  nodeId: string;
  state: string;
  reason: string | null;
  nextAttemptAt: string | null;
  attemptCount: number;
  settledAt: string | null;
  attempts: {
    number: number;
    status: number | null;
    failure: string | null;
    milliseconds: number;
    bytes: number;
    answer: string | null;
  }[];
}

type Nodes<Node> = { edges: { node: Node }[] };

export interface Hook {
  webhookId: string;
  secret: string;
  key: KeyClient;
}

export const scopes = ['webhooks.manage', 'orders:read', 'stock:read', 'products:read', 'shipments:read'];

export function webhooksIn({ admin, given, sql }: App) {
  const hooks = {
    /** A webhook of a key of its own, or of the given one, opened by that key. */
    async open(
      url: string,
      wishes: { key?: KeyClient; by?: Client } & Record<string, unknown> = {},
    ): Promise<Hook> {
      const { key = await given.key({ scopes }), by, ...input } = wishes;
      const { webhook, secret } = await (by ?? key).act<{ webhook: { id: string }; secret: string }>(
        'webhookOpen',
        { url, types: ['location.*'], ...(by ? { keyId: key.keyId } : {}), ...input },
        'webhook { id } secret',
      );
      return { webhookId: webhook.id, secret, key };
    },

    /** A webhook as the administrator sees it. */
    async read({ webhookId }: { webhookId: string }): Promise<Record<string, unknown>> {
      const document = `query ($id: ID!) { node(id: $id) { ... on Webhook { ${WEBHOOK} } } }`;
      return (await admin.ok<{ node: Record<string, unknown> }>(document, { id: webhookId })).node;
    },

    /** Its deliveries, oldest first. */
    async deliveries({ webhookId }: { webhookId: string }, where: object = {}): Promise<Delivery[]> {
      const document = `query ($where: WebhookDeliveryWhere) { webhookDeliveries(first: 100, where: $where) {
        edges { node { ${DELIVERY} } } } }`;
      const { webhookDeliveries } = await admin.ok<{
        webhookDeliveries: Nodes<
          Omit<Delivery, 'attempts'> & { attempts: Nodes<Delivery['attempts'][number]> }
        >;
      }>(document, { where: { webhookId, ...where } });
      return webhookDeliveries.edges
        .map(({ node }) => ({ ...node, attempts: node.attempts.edges.map((edge) => edge.node) }))
        .reverse();
    },

    /** Its newest delivery, once it is in a state. */
    async settles(hook: { webhookId: string }, state: string): Promise<Delivery> {
      const newest = async () => {
        await hooks.hurry();
        return (await hooks.deliveries(hook)).at(-1);
      };
      await expect.poll(async () => (await newest())?.state, waits).toBe(state);
      return (await newest()) as Delivery;
    },

    /** Types of its events, oldest first. */
    async history({ webhookId }: { webhookId: string }): Promise<string[]> {
      const { node } = await admin.ok<{ node: { timeline: Nodes<{ type: string }> } }>(
        `query ($id: ID!) { node(id: $id) { ... on Webhook { timeline(first: 100) { edges { node { type } } } } } }`,
        { id: webhookId },
      );
      return node.timeline.edges.map((edge) => edge.node.type);
    },

    /** Let rounds that wait for a later moment begin now. What is due in them is decided by the clock of the business. */
    hurry: () =>
      sql(
        `UPDATE pgboss.job SET start_after = created_on WHERE name = 'webhooks.deliver' AND state IN ('created', 'retry')`,
      ),
  };
  return hooks;
}
