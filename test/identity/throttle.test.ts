// How many logins one address may try, whoever it tries to be, and how many accounts it may make.

import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';

const app = await startApp();

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

test('G37 an address that made a hundred accounts makes no more for a while', async () => {
  const attempt = async (n: number) => {
    const input = { name: 'Nobody', email: `shopper-${n}@test.example`, password: 'a password of the tests' };
    const document =
      'mutation ($input: CustomerRegisterInput!) { customerRegister(input: $input) { userErrors { code } } }';
    const { data } = await app.anonymous.run<{ customerRegister: { userErrors: { code: string }[] } }>(
      document,
      { input },
    );
    return data?.customerRegister.userErrors[0]?.code ?? 'DONE';
  };
  const answers = await Promise.all(Array.from({ length: 110 }, (_, n) => attempt(n)));
  expect(answers.filter((code) => code === 'DONE')).toHaveLength(100);
  expect(answers.filter((code) => code === 'LOGIN_THROTTLED')).toHaveLength(10);
}, 60_000);
