// Customers logging in and out: what it tells, how often it may fail, what ends with a session.

import { describe, expect, test } from 'vitest';
import { brief } from '../catalog/goods.ts';
import { ADMIN, startApp } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';
import { clock } from '../setup/clock.ts';
import { PASSWORD, uniqueName } from '../setup/given.ts';
import { greetedSocket, inTime } from './endings.ts';

const app = await startApp();
const { admin, anonymous, clientFor, given, sql } = app;

const NEW_PASSWORD = 'an entirely new password';

interface Session {
  id: string;
  isCurrent: boolean;
  lastUsedAt: string;
}

const newEmail = () => `${uniqueName('shopper')}@test.example`;
const refusal = (email: string, password: string) =>
  anonymous.refusal('customerSessionOpen', { email, password });

async function logIn(email: string, password = PASSWORD): Promise<Client> {
  const { token } = await anonymous.act<{ token: string }>(
    'customerSessionOpen',
    { email, password },
    'token',
  );
  return clientFor(token);
}

const sessionsOf = async (client: Client): Promise<Session[]> => {
  const { viewerCustomer } = await client.ok<{
    viewerCustomer: { sessions: { edges: { node: Session }[] } };
  }>('{ viewerCustomer { sessions { edges { node { id isCurrent lastUsedAt } } } } }');
  return viewerCustomer.sessions.edges.map(({ node }) => node);
};

const currentOf = async (client: Client) => (await sessionsOf(client)).find(({ isCurrent }) => isCurrent)?.id;
const statusOf = async (client: Client) => (await client.run('{ __typename }')).status;

describe('logging in', () => {
  test('and registering say when the session ends by itself, as the session does', async () => {
    const account = { email: newEmail(), password: PASSWORD };
    for (const [mutation, input] of [
      ['customerRegister', { ...account, name: 'Han Meimei' }],
      ['customerSessionOpen', account],
    ] as const) {
      const opened = await anonymous.act<{ token: string; expiresAt: string }>(
        mutation,
        input,
        'token expiresAt',
      );
      const { viewerCustomer } = await clientFor(opened.token).ok<{
        viewerCustomer: { sessions: { edges: { node: { isCurrent: boolean; expiresAt: string } }[] } };
      }>('{ viewerCustomer { sessions { edges { node { isCurrent expiresAt } } } } }');
      const current = viewerCustomer.sessions.edges.find(({ node }) => node.isCurrent)?.node;
      expect(current?.expiresAt, mutation).toBe(opened.expiresAt);
    }
  });

  test('G37 tells nothing apart: no account, a wrong password, an erased customer and a colleague are one answer', async () => {
    const email = newEmail();
    const gone = await given.customer({ email });
    await gone.act('customerErase', { customerId: gone.customerId, password: PASSWORD });
    const known = newEmail();
    await given.customer({ email: known });
    const answers = [
      await refusal('nobody@test.example', PASSWORD),
      await refusal(known, 'wrong password, quite wrong'),
      await refusal(email, PASSWORD),
      await refusal(ADMIN.email, ADMIN.password),
      await refusal('', ''),
    ];
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]).toMatchObject([{ code: 'LOGIN_FAILED', path: ['input'] }]);
  });

  test('knows the e-mail address in any case, and keeps of the token a keyed hash only', async () => {
    const email = newEmail();
    await given.customer({ email });
    const client = await logIn(` ${email.toUpperCase()} `);
    expect(client.token).toMatch(/^ds_customer_[\w-]{27}$/);
    expect(await client.ok('{ viewerCustomer { email } }')).toEqual({ viewerCustomer: { email } });
    expect(JSON.stringify(await sql('SELECT * FROM customer_session'))).not.toContain(client.token);
  });

  test('G37 is throttled after ten attempts on one account, and a colleague of that address is not', async () => {
    const email = newEmail();
    await given.customer({ email });
    await given.staff({ email, permissions: [] });
    const codes: string[] = [];
    for (let i = 0; i < 11; i++) codes.push((await refusal(email, `wrong password ${i}`))[0]?.code ?? '');
    expect(codes).toEqual([...Array.from({ length: 10 }, () => 'LOGIN_FAILED'), 'LOGIN_THROTTLED']);
    expect(brief(await refusal(email, PASSWORD))).toEqual(['LOGIN_THROTTLED input']);
    await app.login(email, PASSWORD);
  });

  test('C60 is an event of the customer, without token, address or name', async () => {
    const client = await given.customer({ name: 'Nora Unmistakable' });
    await admin.ok('{ eventCursor }');
    const [event] = await sql(
      `SELECT actor_kind, actor_id = customer_id AS own, payload, changes FROM event
       WHERE type = 'customerSession.opened' ORDER BY seq DESC LIMIT 1`,
    );
    expect(event).toEqual({
      actor_kind: 'CUSTOMER',
      own: true,
      payload: { customerNodeId: client.customerId },
      changes: [],
    });
  });
});

describe('sessions of customers', () => {
  test('are listed, newest first, with the one that asks marked', async () => {
    const email = newEmail();
    const first = await given.customer({ email });
    const [newest, oldest] = await sessionsOf(await logIn(email));
    expect([newest?.isCurrent, oldest?.isCurrent]).toEqual([true, false]);
    expect(oldest?.id).toBe(await currentOf(first));
  });

  test('T25 are nobody’s business but theirs, not even an administrator’s', async () => {
    const client = await given.customer();
    const customerSessionId = await currentOf(client);
    const document = `query ($session: ID!, $customer: ID!) {
      node(id: $session) { id }
      customer: node(id: $customer) { ... on Customer { sessions { totalCount edges { node { id } } } } } }`;
    const { data } = await admin.run(document, { session: customerSessionId, customer: client.customerId });
    expect(data).toEqual({ node: null, customer: { sessions: { totalCount: 0, edges: [] } } });
    for (const other of [await given.customer(), given.guest()])
      expect(brief(await other.refusal('customerSessionRevoke', { customerSessionId }))).toEqual([
        'NOT_FOUND input.customerSessionId',
      ]);
    expect(await statusOf(client)).toBe(200);
  });

  test('G28 C57 that are revoked are refused with 401 at once, and their sockets end within two seconds', async () => {
    const email = newEmail();
    const here = await given.customer({ email });
    const there = await logIn(email);
    const [socket, other] = [await greetedSocket(app.wsUrl, there), await greetedSocket(app.wsUrl, here)];
    const customerSessionId = await currentOf(there);
    const revoke = () =>
      here.act('customerSessionRevoke', { customerSessionId }, 'customerSession { revokedAt }');
    expect(await revoke()).toEqual(await revoke());
    expect(await statusOf(there)).toBe(401);
    expect(await inTime(socket.closed)).toMatchObject({ code: 4403 });
    other.send({ type: 'ping' });
    expect(await other.next()).toMatchObject({ type: 'pong' });
    other.close();
  });

  test('G28 C57 that are revoked end their streams within two seconds, over WebSocket and over SSE', async () => {
    const client = await given.customer();
    const { variantId, storeId } = await given.stockedVariant();
    const order = await given.order({ storeId, lines: [{ variantId, quantity: 1 }], by: client });
    const feed = `subscription { orderTrackUpdates(orderId: "${order.id}") { number } }`;
    const [socket, sse] = [client.subscribe(feed), client.subscribeSse(feed)];
    for (const stream of [socket, sse])
      expect(await stream.next()).toEqual({ orderTrackUpdates: { number: order.number } });
    await client.act('customerSessionRevoke', { customerSessionId: await currentOf(client) });
    expect(await inTime(socket.closed)).toMatchObject({ code: 4403 });
    expect(await inTime(sse.ended)).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  });

  test('G28 C57 that expire are refused, and their sockets end within two seconds', async () => {
    const client = await given.customer();
    clock.pass({ days: 29, hours: 23 });
    expect(await statusOf(client)).toBe(200);
    clock.pass({ hours: 2 });
    expect(await statusOf(client)).toBe(401);
    clock.reset();
    await sql(
      `UPDATE customer_session SET expires_at = clock_timestamp() + interval '2 seconds' WHERE token_hash IN
         (SELECT token_hash FROM customer_session ORDER BY created_at DESC, id DESC LIMIT 1)`,
    );
    expect(await inTime((await greetedSocket(app.wsUrl, client)).closed)).toMatchObject({ code: 4403 });
  });

  test('remember when they were last used, to five minutes', async () => {
    const client = await given.customer();
    const lastUse = async () => (await sessionsOf(client))[0]?.lastUsedAt ?? '';
    const first = await lastUse();
    expect(await lastUse()).toBe(first);
    clock.pass({ minutes: 6 });
    const then = clock.now().getTime();
    expect(new Date(await lastUse()).getTime()).toBeGreaterThanOrEqual(then);
  });
});

describe('changing one’s password', () => {
  test('ends every other session, keeps this one, and the old password opens nothing', async () => {
    const email = newEmail();
    const here = await given.customer({ email });
    const there = await logIn(email);
    const socket = await greetedSocket(app.wsUrl, there);
    const input = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD };
    const answer = await here.act('customerPasswordChange', input, 'customer { version }');
    expect(answer).toMatchObject({ customer: { version: 2 } });
    expect(await inTime(socket.closed)).toMatchObject({ code: 4403 });
    expect([await statusOf(here), await statusOf(there)]).toEqual([200, 401]);
    expect(brief(await refusal(email, PASSWORD))).toEqual(['LOGIN_FAILED input']);
    await logIn(email, NEW_PASSWORD);
  });

  test('leaves no session that was opened with the old one, however the two meet', async () => {
    const email = newEmail();
    const here = await given.customer({ email });
    const open = () =>
      anonymous
        .run<{ customerSessionOpen: { token: string | null } }>(
          'mutation ($input: CustomerSessionOpenInput!) { customerSessionOpen(input: $input) { token userErrors { code } } }',
          { input: { email, password: PASSWORD } },
        )
        .then(({ data }) => data?.customerSessionOpen.token ?? null);
    const change = here.act('customerPasswordChange', {
      currentPassword: PASSWORD,
      newPassword: NEW_PASSWORD,
    });
    const tokens = await Promise.all(Array.from({ length: 6 }, open));
    await change;
    const opened = tokens.filter((token) => token !== null);
    expect(await Promise.all(opened.map((token) => statusOf(clientFor(token))))).toEqual(
      opened.map(() => 401),
    );
    expect(await statusOf(here)).toBe(200);
  });

  test('needs the present one, a new one of at least twelve characters, and an account', async () => {
    const client = await given.customer();
    const change = async (who: Client, currentPassword: string, newPassword: string) =>
      brief(await who.refusal('customerPasswordChange', { currentPassword, newPassword }));
    const wrong = ['LOGIN_FAILED input.currentPassword'];
    expect(await change(client, 'not mine at all', NEW_PASSWORD)).toEqual(wrong);
    expect(await change(client, PASSWORD, 'short')).toEqual(['TOO_SHORT input.newPassword']);
    expect(await change(given.guest(), PASSWORD, NEW_PASSWORD)).toEqual(wrong);
  });
});

test('G37 the checks of one’s own password are throttled together, and those of all guests of an address', async () => {
  const { customerId } = await given.customer();
  const codesOf = async (client: Client) => {
    const codes: string[] = [];
    for (let n = 0; n < 6; n++) {
      const change = { currentPassword: 'not mine at all', newPassword: NEW_PASSWORD };
      codes.push((await client.refusal('customerPasswordChange', change))[0]?.code ?? '');
      const erasure = { customerId, password: 'not mine at all' };
      codes.push((await client.refusal('customerErase', erasure))[0]?.code ?? '');
    }
    return codes;
  };
  const codes = await codesOf(await given.customer());
  expect(codes.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 'LOGIN_FAILED'));
  expect(codes.slice(10)).toEqual(['LOGIN_THROTTLED', 'LOGIN_THROTTLED']);
  await codesOf(given.guest());
  expect(new Set(await codesOf(given.guest()))).toEqual(new Set(['LOGIN_THROTTLED']));
});
