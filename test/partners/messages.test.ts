// Messages of partners' machines: heard when the secret of their connection signed them, and only then.

import { connect } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { brief } from '../catalog/goods.ts';
import { startApp } from '../setup/app.ts';
import { clock } from '../setup/clock.ts';
import { newKey, uniqueName } from '../setup/given.ts';
import type { Machine, SigningWishes } from '../setup/partners.ts';

const { admin, given, origin } = await startApp({ env: { BACKGROUND: 'off' } });

/** A report of a payment that nobody started: a connection that hears it says so. */
const report = {
  type: 'payment.captured',
  reference: Buffer.from(`Payment:${crypto.randomUUID()}`).toString('base64url'),
  transactionReference: 'T-1',
  amount: '12.50',
  currency: 'CNY',
  occurredAt: '2026-11-22T08:00:00Z',
};
const HEARD = { status: 404, json: { result: 'UNKNOWN' } };
const FORGED = { status: 401, json: { message: expect.any(String), problems: [] } };

const rotate = async ({ connectionId }: Machine, changes: object = {}) =>
  (await admin.act<{ secret: string }>('connectionRotate', { connectionId, ...changes }, 'secret')).secret;

describe('a message', () => {
  test('is heard when the secret of its connection signed it, and not when anything about it was changed', async () => {
    const machine = await given.connection();
    const other = await given.connection();
    const minutes = (count: number) => new Date(Date.now() + count * 60_000);
    expect(await machine.send(report)).toEqual(HEARD);
    expect(await machine.send(report, { signedAt: minutes(-4) })).toEqual(HEARD);
    const forged: SigningWishes[] = [
      { secret: other.secret },
      { instead: JSON.stringify({ ...report, amount: '99.50' }) },
      { instead: '' },
      { signedAt: minutes(-6) },
      { signedAt: minutes(6) },
    ];
    for (const wishes of forged) expect(await machine.send(report, wishes)).toEqual(FORGED);
  });

  test('without a signature, or with a strange one, is forged; with one of several that fits it is heard', async () => {
    const { path, secret } = await given.connection();
    const body = JSON.stringify(report);
    const id = newKey();
    const at = new Date();
    const right = new Webhook(secret).sign(id, at, body);
    const whole = {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': right,
    };
    const post = async (headers: Record<string, string>) =>
      (await fetch(`${origin}${path}`, { method: 'POST', body, headers })).status;
    expect(await post(whole)).toBe(404);
    expect(await post({ ...whole, 'webhook-signature': `v1,AAAA v1a,x ${right}` })).toBe(404);
    const altered: Record<string, string>[] = [
      {},
      { ...whole, 'webhook-id': newKey() },
      { ...whole, 'webhook-timestamp': String(Math.floor(at.getTime() / 1000) + 1) },
      { ...whole, 'webhook-timestamp': 'soon' },
      { ...whole, 'webhook-signature': '' },
      { ...whole, 'webhook-signature': right.replace('v1,', 'v2,') },
      { ...whole, 'webhook-signature': 'v1' },
      { ...whole, 'webhook-signature': right.slice(0, -2) },
    ];
    for (const name of Object.keys(whole)) altered.push({ ...whole, [name]: '' });
    for (const headers of altered) expect(await post(headers), JSON.stringify(headers)).toBe(401);
  });

  test('for a connection that is unknown, of another kind or archived is as if forged, so that codes cannot be guessed', async () => {
    const machine = await given.connection({ kind: 'PAYMENT' });
    for (const path of [`/hooks/payment/${uniqueName('none')}`, `/hooks/tracking/${machine.code}`])
      expect((await fetch(`${origin}${path}`, { method: 'POST', body: '{}' })).status).toBe(401);
    await admin.act('connectionArchive', { connectionId: machine.connectionId });
    expect(await machine.send(report)).toEqual(FORGED);
    expect(brief(await admin.refusal('connectionRotate', { connectionId: machine.connectionId }))).toEqual([
      'CONNECTION_ARCHIVED input.connectionId',
    ]);
  });

  test('that is signed but no JSON, or has an endless id, is malformed', async () => {
    const machine = await given.connection();
    for (const body of ['', '{', 'payment=captured'])
      expect((await machine.send(body)).status, body).toBe(400);
    expect((await machine.send(report, { id: 'x'.repeat(129) })).status).toBe(400);
  });

  test('of more than 64 KiB is not read, whether it says so before or not', async () => {
    const machine = await given.connection();
    expect((await machine.send('x'.repeat(64 * 1024 + 1))).status).toBe(413);
    const chunks = new ReadableStream({
      start(controller) {
        for (let i = 0; i < 70; i++) controller.enqueue(new Uint8Array(1024));
        controller.close();
      },
    });
    const streamed = { method: 'POST', body: chunks, duplex: 'half' };
    expect((await fetch(`${origin}${machine.path}`, streamed as RequestInit)).status).toBe(413);
    expect((await fetch(`${origin}${machine.path}`)).status).toBe(405);
  });

  test('whose sender hangs up in the middle troubles nobody else', async () => {
    const machine = await given.connection();
    const { hostname, port } = new URL(origin);
    const socket = connect(Number(port), hostname);
    socket.write(`POST ${machine.path} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"type":`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();
    expect(await machine.send(report)).toEqual(HEARD);
  });

  test('C60 is told in the log as done by its connection', async () => {
    const { storeId, variantId } = await given.stockedVariant();
    const order = await given.order({ storeId, lines: [{ variantId, quantity: 1 }] });
    const partner = await given.partner({ name: 'Gateway', kind: 'PAYMENT_GATEWAY' });
    const machine = await given.connection({ partner });
    const { payment } = await admin.act<{ payment: { id: string; amount: { amount: string } } }>(
      'paymentStart',
      { idempotencyKey: newKey(), orderId: order.id, connectionCode: machine.code },
      'payment { id amount { amount } }',
    );
    const captured = { ...report, reference: payment.id, amount: payment.amount.amount };
    expect(await machine.send(captured)).toMatchObject({ status: 200 });
    const { node } = await admin.ok<{ node: { timeline: { edges: { node: { type: string } }[] } } }>(
      `query ($id: ID!) { node(id: $id) { ... on Payment { timeline { edges { node { type source actor { kind name nodeId } } } } } } }`,
      { id: payment.id },
    );
    expect(
      node.timeline.edges.map((edge) => edge.node).find(({ type }) => type === 'payment.captured'),
    ).toEqual({
      type: 'payment.captured',
      source: 'hook',
      actor: { kind: 'KEY', name: `Gateway · ${machine.code}`, nodeId: machine.connectionId },
    });
  });
});

describe('rotation', () => {
  test('makes a new secret, and both are heard until the overlap is over', async () => {
    const machine = await given.connection();
    const secret = await rotate(machine, { overlapHours: 2 });
    const { connection } = await admin.ok<{ connection: { formerSecretUntil: string } }>(
      'query ($id: ID!) { connection: node(id: $id) { ... on Connection { formerSecretUntil } } }',
      { id: machine.connectionId },
    );
    expect(new Date(connection.formerSecretUntil).getTime()).toBeGreaterThan(Date.now() + 7_100_000);
    expect(await machine.send(report)).toEqual(HEARD);
    expect(await machine.send(report, { secret })).toEqual(HEARD);
    clock.pass({ hours: 2, seconds: 1 });
    expect(await machine.send(report)).toEqual(FORGED);
    expect(await machine.send(report, { secret })).toEqual(HEARD);
  });

  test('without overlap ends the former secret at once, and a second rotation the one before the former', async () => {
    const machine = await given.connection();
    const second = await rotate(machine, { overlapHours: 0 });
    expect(await machine.send(report)).toEqual(FORGED);
    const third = await rotate(machine);
    const fourth = await rotate(machine);
    expect(await machine.send(report, { secret: second })).toEqual(FORGED);
    expect(await machine.send(report, { secret: third })).toEqual(HEARD);
    expect(await machine.send(report, { secret: fourth })).toEqual(HEARD);
  });

  test('C60 is in the history without the secret', async () => {
    const machine = await given.connection();
    const secret = await rotate(machine);
    await admin.act('connectionArchive', { connectionId: machine.connectionId });
    const { node } = await admin.ok<{ node: { timeline: { edges: { node: { type: string } }[] } } }>(
      `query ($id: ID!) { node(id: $id) { ... on Connection { timeline { edges { node {
        type payload changes { field before after withheld }
      } } } } } }`,
      { id: machine.connectionId },
    );
    const [opened, rotated, archived] = node.timeline.edges.map((edge) => edge.node);
    expect(opened).toMatchObject({ type: 'connection.opened', payload: { code: machine.code } });
    expect(rotated).toMatchObject({
      type: 'connection.rotated',
      changes: [
        { field: 'secret', before: null, after: null, withheld: true },
        { field: 'formerSecretUntil', before: null, after: expect.any(String), withheld: false },
      ],
    });
    expect(archived).toMatchObject({ type: 'connection.archived', changes: [{ field: 'archivedAt' }] });
    for (const told of [secret, machine.secret])
      expect(JSON.stringify(node)).not.toContain(told.slice('whsec_'.length));
  });
});
