// The WebSocket protocol graphql-transport-ws as its specification has it, message by message.

import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import { newKey } from '../setup/given.ts';
import { type BareSocket, type Message, openBareSocket } from '../setup/socket.ts';

const { admin, given, wsUrl } = await startApp();
const credential = { authorization: `Bearer ${admin.token}` };
const feed = 'subscription { stockEvents { type } }';
const opened: BareSocket[] = [];

async function open(
  ...options: Parameters<typeof openBareSocket> extends [string, ...infer Rest] ? Rest : never
) {
  const socket = await openBareSocket(wsUrl, ...options);
  opened.push(socket);
  return socket;
}

async function openGreeted(payload: object = credential) {
  const socket = await open();
  await socket.greet(payload);
  return socket;
}

const subscribe = (id: string, query = feed, more = {}) => ({
  type: 'subscribe',
  id,
  payload: { query, ...more },
});

afterEach(() => {
  for (const socket of opened.splice(0)) socket.socket.terminate();
});

test('G28 an upgrade that brings a body is refused', async () => {
  await expect(open('graphql-transport-ws', { 'content-length': '5' })).rejects.toThrow(': 400');
});

describe('G28 a socket is closed', () => {
  test.each([
    ['no JSON', 'hello'],
    ['an unknown type', '{"type":"start","id":"1"}'],
    ['no type', '{}'],
    ['a subscription without an id', '{"type":"subscribe","payload":{"query":"{ __typename }"}}'],
    ['a subscription without a query', '{"type":"subscribe","id":"1","payload":{}}'],
  ])('with 4400 on a message that is %s', async (_, message) => {
    const socket = await openGreeted();
    socket.send(message);
    expect((await socket.closed).code).toBe(4400);
  });

  test('with 4401 when it subscribes before it was greeted', async () => {
    const socket = await open();
    socket.send(subscribe('1'));
    expect((await socket.closed).code).toBe(4401);
  });

  test.each([
    ['a token that nobody has', { authorization: 'Bearer nobody' }],
    ['another scheme', { authorization: 'Basic YWRtaW46YWRtaW4=' }],
    ['a token that is no text', { authorization: 42 }],
    ['an empty token', { authorization: '' }],
  ])('with 4401 on %s', async (_, payload) => {
    const socket = await open();
    socket.send({ type: 'connection_init', payload });
    expect((await socket.closed).code).toBe(4401);
  });

  test('with 4406 when it speaks no protocol that the server knows', async () => {
    const socket = await open(null);
    expect((await socket.closed).code).toBe(4406);
  });

  test('with 4408 when it does not greet in time', { timeout: 30_000 }, async () => {
    const socket = await open();
    expect((await socket.closed).code).toBe(4408);
  });

  test('with 4409 when it uses the id of a running operation', async () => {
    const socket = await openGreeted();
    socket.send(subscribe('same'));
    expect(await socket.next()).toMatchObject({ type: 'next', id: 'same' });
    socket.send(subscribe('same'));
    expect(await socket.closed).toEqual({ code: 4409, reason: 'Subscriber for same already exists' });
  });

  test('with 4429 when it greets twice', async () => {
    const socket = await openGreeted();
    socket.send({ type: 'connection_init' });
    expect((await socket.closed).code).toBe(4429);
  });

  test('with 1009 when a message is longer than 256 KB', async () => {
    const socket = await openGreeted();
    socket.send(subscribe('1', `{ __typename } #${'x'.repeat(300 * 1024)}`));
    expect((await socket.closed).code).toBe(1009);
  });
});

describe('G28 a socket', () => {
  test('is pinged back, before and after the greeting', async () => {
    const socket = await open();
    socket.send({ type: 'ping' });
    expect(await socket.next()).toEqual({ type: 'pong' });
    await socket.greet();
    socket.send({ type: 'ping', payload: { any: 1 } });
    expect(await socket.next()).toMatchObject({ type: 'pong' });
  });

  test('answers queries and mutations, each ended with complete, many at once', async () => {
    const socket = await openGreeted();
    for (const id of ['a', 'b', 'c']) socket.send(subscribe(id, '{ viewer { id } }'));
    const answers = [];
    for (let i = 0; i < 6; i++) answers.push(await socket.next());
    for (const id of ['a', 'b', 'c']) {
      const own = answers.filter((answer) => 'id' in answer && answer.id === id);
      expect(own).toMatchObject([
        { type: 'next', payload: { data: { viewer: { id: admin.staffId } } } },
        { type: 'complete' },
      ]);
    }
  });

  test('may use an id again once its operation is complete', async () => {
    const socket = await openGreeted();
    for (let i = 0; i < 2; i++) {
      socket.send(subscribe('again', '{ __typename }'));
      expect(await socket.next()).toMatchObject({ type: 'next' });
      expect(await socket.next()).toEqual({ type: 'complete', id: 'again' });
    }
  });

  test('is sent nothing more of an operation that it completed', async () => {
    const socket = await openGreeted();
    const location = await given.location();
    const { variantId } = await given.product();
    socket.send(subscribe('1'));
    expect(await socket.next()).toMatchObject({ payload: { data: { stockEvents: { type: 'heartbeat' } } } });
    socket.send({ type: 'complete', id: '1' });
    await sleep(200);
    await admin.act('stockReceive', {
      idempotencyKey: newKey(),
      locationId: location,
      lines: [{ variantId, quantity: 1 }],
    });
    socket.send({ type: 'ping' });
    await sleep(1_000);
    expect(await socket.next()).toEqual({ type: 'pong' });
  });

  test('C47 G31 has two hundred operations open at most, and an operation that it completed, however early, leaves its place', async () => {
    const socket = await openGreeted();
    const open = async (ids: readonly string[]) => {
      for (const id of ids) socket.send(subscribe(id));
      const answers = new Set<string>();
      while (answers.size < ids.length) {
        const { id, type, payload } = (await socket.next()) as Message;
        if (type === 'next') answers.add(`${id} ${JSON.stringify(payload).includes('heartbeat')}`);
      }
      return answers;
    };
    for (let n = 0; n < 250; n++) {
      socket.send(subscribe(`early-${n}`));
      socket.send({ type: 'complete', id: `early-${n}` });
      if (n % 50 === 49) await sleep(20);
    }
    await expect
      .poll(async () => {
        const [first] = await open(['after']);
        socket.send({ type: 'complete', id: 'after' });
        return first;
      })
      .toBe('after true');
    const ids = Array.from({ length: 200 }, (_, n) => `late-${n}`);
    expect(await open(ids)).toEqual(new Set(ids.map((id) => `${id} true`)));
    expect(await open(['one more'])).toEqual(new Set(['one more false']));
    socket.send({ type: 'complete', id: 'late-7' });
    await expect.poll(() => open(['in its place'])).toEqual(new Set(['in its place true']));
  });

  test('gets the errors of an operation that cannot start, and stays open', async () => {
    const socket = await openGreeted({});
    socket.send(subscribe('1', 'subscription { nothing }'));
    expect(await socket.next()).toMatchObject({
      type: 'error',
      id: '1',
      payload: [{ extensions: { code: 'BAD_REQUEST' } }],
    });
    socket.send(subscribe('2'));
    expect(JSON.stringify(await socket.next())).toContain('UNAUTHENTICATED');
    socket.send(
      subscribe('3', 'query ($n: Int!) { posts(first: $n) { totalCount } }', { variables: { n: 'x' } }),
    );
    expect(JSON.stringify([await socket.next(), await socket.next(), await socket.next()])).toContain(
      'BAD_REQUEST',
    );
    socket.send({ type: 'ping' });
    expect(JSON.stringify(await socket.next())).toContain('pong');
  });

  test('takes its credential from the header as well', async () => {
    const socket = await open('graphql-transport-ws', { authorization: `Bearer ${admin.token}` });
    await socket.greet();
    socket.send(subscribe('1', '{ viewer { id } }'));
    expect(await socket.next()).toMatchObject({ payload: { data: { viewer: { id: admin.staffId } } } });
  });
});
