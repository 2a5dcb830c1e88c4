// For whom a proxy asks: it is believed where it is trusted, as far as it can know.

import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';

const trusting = await startApp({ env: { TRUSTED_PROXIES: '127.0.0.0/8, 10.0.0.0/8' } });

const isAdmitted = async (
  app: typeof trusting,
  token: string | null,
  forwarded: string,
): Promise<boolean> => {
  const response = await fetch(app.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${token}`,
      'x-forwarded-for': forwarded,
    },
    body: JSON.stringify({ query: '{ viewerKey { name } }' }),
  });
  return response.status === 200;
};

test('a key of one network is admitted for the nearest address that is no trusted proxy', async () => {
  const { token } = await trusting.given.key({
    scopes: ['products.read'],
    networks: ['192.0.2.0/24', '2001:db8::/32'],
  });
  const cases: [forwarded: string, admitted: boolean][] = [
    ['192.0.2.7', true],
    ['2001:db8::7', true],
    ['::ffff:192.0.2.7', true],
    ['198.51.100.1', false],
    // What an outsider writes before the address that the proxy saw.
    ['192.0.2.7, 198.51.100.1', false],
    ['192.0.2.7, 10.1.2.3', true],
    ['198.51.100.1, 192.0.2.7, 10.1.2.3', true],
    ['192.0.2.7, unknown', false],
    ['', false],
  ];
  for (const [forwarded, admitted] of cases)
    expect([forwarded, await isAdmitted(trusting, token, forwarded)]).toEqual([forwarded, admitted]);
});
