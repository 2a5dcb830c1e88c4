// How many logins one address may try, whoever it tries to be, and how many accounts it may make.

import { expect, test } from 'vitest';
import { countRegistration } from '../../src/identity/throttle.ts';
import { startApp } from '../setup/app.ts';

const app = await startApp({ env: { TRUSTED_PROXIES: '127.0.0.1,::1' } });

test('G37 an address that tried a hundred logins in vain is refused, also with the right password', async () => {
  const attempt = async (email: string, password: string) =>
    (await app.anonymous.refusal('sessionOpen', { email, password }))[0]?.code;
  const answers = await Promise.all(
    Array.from({ length: 110 }, (_, i) => attempt(`nobody-${i}@test.example`, 'wrong password')),
  );
  expect(answers.filter((code) => code === 'LOGIN_FAILED').length).toBeLessThanOrEqual(100);
  expect(answers.filter((code) => code === 'LOGIN_THROTTLED').length).toBeGreaterThanOrEqual(10);
  const { email, password } = { email: app.env.ADMIN_EMAIL ?? '', password: app.env.ADMIN_PASSWORD ?? '' };
  expect(await attempt(email, password)).toBe('LOGIN_THROTTLED');
}, 60_000);

test('G37 colleagues and customers of one address are counted apart', async () => {
  const { email, password } = { email: app.env.ADMIN_EMAIL ?? '', password: app.env.ADMIN_PASSWORD ?? '' };
  const attempt = (mutation: string) => app.anonymous.refusal(mutation, { email, password });
  expect(await attempt('sessionOpen')).toMatchObject([{ code: 'LOGIN_THROTTLED' }]);
  expect(await attempt('customerSessionOpen')).toMatchObject([{ code: 'LOGIN_FAILED' }]);
});

test('G37 an address makes twenty accounts in a day, and tries a hundred in fifteen minutes', async () => {
  const attempt = async (name: string) => {
    const input = { name: 'Nobody', email: `${name}@test.example`, password: 'a password of the tests' };
    const document =
      'mutation ($input: CustomerRegisterInput!) { customerRegister(input: $input) { userErrors { code } } }';
    const { data } = await app.anonymous.run<{ customerRegister: { userErrors: { code: string }[] } }>(
      document,
      { input },
    );
    return data?.customerRegister.userErrors[0]?.code ?? 'DONE';
  };
  const tried = async (names: string[]) => {
    const answers = await Promise.all(names.map(attempt));
    const count = (code: string) => answers.filter((answer) => answer === code).length;
    return { done: count('DONE'), taken: count('ALREADY_EXISTS'), throttled: count('LOGIN_THROTTLED') };
  };
  expect(await attempt('taken')).toBe('DONE');
  // What was not made is not counted among those that were.
  expect(await tried(Array.from({ length: 15 }, () => 'taken'))).toEqual({
    done: 0,
    taken: 15,
    throttled: 0,
  });
  const more = Array.from({ length: 30 }, (_, n) => `shopper-${n}`);
  expect(await tried(more)).toEqual({ done: 19, taken: 0, throttled: 11 });
}, 60_000);

test('G37 an account is logged in to thirty times from one address, with the right password too', async () => {
  const email = 'taken@test.example';
  const password = 'a password of the tests';
  const codes: (string | undefined)[] = [];
  for (let n = 0; n < 31; n++) {
    const { data } = await app.anonymous.run<{ customerSessionOpen: { userErrors: { code: string }[] } }>(
      'mutation ($input: CustomerSessionOpenInput!) { customerSessionOpen(input: $input) { userErrors { code } } }',
      { input: { email, password } },
    );
    codes.push(data?.customerSessionOpen.userErrors[0]?.code);
  }
  expect(codes).toEqual([...Array.from({ length: 30 }, () => undefined), 'LOGIN_THROTTLED']);
  // Of these and the one of the registration, twenty live.
  const [{ live } = { live: null }] = await app.sql(
    'SELECT count(*)::int AS live FROM customer_session s JOIN person_customer p USING (customer_id) WHERE p.email = $1 AND s.revoked_at IS NULL',
    [email],
  );
  expect(live).toBe(20);
}, 60_000);

test('G37 the addresses of one IPv6 network count as one: who has them chooses another for every attempt', async () => {
  const attempt = async (from: string) => {
    const { data } = await app.anonymous.run<{ customerSessionOpen: { userErrors: { code: string }[] } }>(
      'mutation ($input: CustomerSessionOpenInput!) { customerSessionOpen(input: $input) { userErrors { code } } }',
      { input: { email: 'one@test.example', password: 'wrong password' } },
      { headers: { 'x-forwarded-for': from } },
    );
    return data?.customerSessionOpen.userErrors[0]?.code;
  };
  for (let n = 0; n < 10; n++) expect(await attempt(`2001:db8:1:2:${n}::1`)).toBe('LOGIN_FAILED');
  expect(await attempt('2001:db8:1:2:ffff::1')).toBe('LOGIN_THROTTLED');
  expect(await attempt('2001:db8:1:3::1')).toBe('LOGIN_FAILED');
  for (let n = 0; n < 20; n++) await countRegistration(`2001:db8:1:2::${n}`);
  await expect(countRegistration('2001:db8:1:2::ffff')).rejects.toThrow('Too many');
  await countRegistration('2001:db8:1:3::1');
});
