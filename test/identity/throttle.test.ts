// How many logins one address may try, whoever it tries to be.

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
