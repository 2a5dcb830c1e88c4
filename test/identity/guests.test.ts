// Guests: known by a token of their own making, or by a signed link to one order.

import { describe, expect, test } from 'vitest';
import { newId } from '../../src/core/ids.ts';
import { signLink } from '../../src/core/secrets.ts';
import { LINK_DAYS, linkTo } from '../../src/identity/rules.ts';
import { startApp } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';
import { clock } from '../setup/clock.ts';
import { greetedSocket, inTime } from './endings.ts';

const app = await startApp();
const { clientFor, given, sql } = app;

const statusOf = async (token: string) => (await clientFor(token).run('{ __typename }')).status;

describe('a guest’s own token', () => {
  test.each([
    ['of 22 characters', `ds_guest_${'aB3_-'.repeat(5).slice(0, 22)}`, 200],
    ['of 128 characters', `ds_guest_${'x'.repeat(128)}`, 200],
    ['of 21 characters, which are less than 128 bits', `ds_guest_${'x'.repeat(21)}`, 401],
    ['of 129 characters', `ds_guest_${'x'.repeat(129)}`, 401],
    ['with a character outside base64url', `ds_guest_${'x'.repeat(22)}.`, 401],
    ['with another prefix', `ds_gast_${'x'.repeat(22)}`, 401],
    ['without a prefix', 'x'.repeat(22), 401],
  ])('G35 %s', async (_, token, status) => {
    expect(await statusOf(token)).toBe(status);
  });

  test('C57 opens what shoppers may, and neither an account nor the department', async () => {
    const guest = given.guest();
    expect(await guest.ok('{ viewer { id } viewerCustomer { id } }')).toEqual({
      viewer: null,
      viewerCustomer: null,
    });
    expect(await guest.codes('{ viewerPermissions }')).toEqual(['FORBIDDEN']);
    expect(await guest.codes('{ customers { totalCount } }')).toEqual(['FORBIDDEN']);
  });

  test('C50 is a caller of its own: one idempotency key is one order of a guest, and another of the next', async () => {
    const { variantId, storeId } = await given.stockedVariant();
    const input = given.orderInput({ storeId, lines: [{ variantId, quantity: 1 }] });
    const place = async (by: Client) =>
      (await by.act<{ order: { id: string } }>('orderPlace', input, 'order { id }')).order.id;
    const [guest, next] = [given.guest(), given.guest()];
    const orderId = await place(guest);
    expect(await place(guest)).toBe(orderId);
    expect(await place(next)).not.toBe(orderId);
  });

  test('G28 opens sockets, and leaves no row behind', async () => {
    const guest = given.guest();
    const socket = await greetedSocket(app.wsUrl, guest);
    socket.send({ type: 'ping' });
    expect(await socket.next()).toMatchObject({ type: 'pong' });
    socket.close();
    expect(await sql('SELECT 1 FROM customer_session UNION ALL SELECT 1 FROM customer')).toEqual([]);
  });
});

describe('a signed link', () => {
  test('opens for thirty days, and not a moment longer', async () => {
    const token = linkTo(newId(), clock.now());
    expect(token).toMatch(/^ds_link_[\w-]{72}$/);
    expect(await statusOf(token)).toBe(200);
    clock.pass({ days: LINK_DAYS - 1 });
    expect(await statusOf(token)).toBe(200);
    clock.pass({ days: 1 });
    expect(await statusOf(token)).toBe(401);
  });

  test('opens nothing once a character of it is another, cut off or added', async () => {
    const token = linkTo(newId(), clock.now());
    const start = 'ds_link_'.length;
    const forged = [token.slice(0, -1), `${token}A`, `${token} A`, 'ds_link_', `ds_link_${'A'.repeat(72)}`];
    for (let i = start; i < token.length; i += 7)
      forged.push(token.slice(0, i) + (token[i] === 'A' ? 'B' : 'A') + token.slice(i + 1));
    for (const one of forged) expect(await statusOf(one), one).toBe(401);
  });

  test('C57 has no permission: its holder may not act as a shopper does', async () => {
    const holder = clientFor(linkTo(newId(), clock.now()));
    expect(await holder.ok('{ viewer { id } viewerCustomer { id } }')).toEqual({
      viewer: null,
      viewerCustomer: null,
    });
    const document =
      'mutation ($input: CustomerChangeInput!) { customerChange(input: $input) { userErrors { code } } }';
    const input = { customerId: 'bm9ib2R5', expectedVersion: 1 };
    const { errors } = await holder.run(document, { input });
    expect(errors.map(({ extensions }) => extensions)).toEqual([
      { code: 'FORBIDDEN', requiredPermission: 'customers.manage' },
    ]);
  });

  test('G28 C57 that expires while a socket is open ends it within two seconds', async () => {
    const holder = clientFor(signLink(newId(), new Date(clock.now().getTime() + 2_000)));
    expect(await inTime((await greetedSocket(app.wsUrl, holder)).closed)).toMatchObject({ code: 4403 });
  });
});
