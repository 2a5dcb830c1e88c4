// A key is replaced by another with the same rights, without a moment in which neither works.

import { describe, expect, test } from 'vitest';
import { brief } from '../catalog/goods.ts';
import { startApp } from '../setup/app.ts';
import { clock } from '../setup/clock.ts';
import { keyringOf, works } from './keyring.ts';

const app = await startApp({ env: { BACKGROUND: 'off' } });
const { admin, clientFor, given } = app;
const { read, rotate } = keyringOf(app);

describe('rotation', () => {
  test('G36 C48 makes a new key with the same rights, and both work until the overlap is over', async () => {
    const [store, location] = [await given.store(), await given.location()];
    const former = await given.key({
      name: 'Stock of the warehouse',
      scopes: ['stock:write', 'stock:read'],
      stores: [store],
      locations: [location],
      networks: ['127.0.0.1'],
    });
    const before = await read(former.keyId);
    const { apiKey, secret } = await rotate(former.keyId, { overlapHours: 2 });
    expect(secret).not.toBe(former.token);
    expect(apiKey).toEqual({
      ...before,
      id: apiKey.id,
      prefix: secret.slice(0, 11),
      lastFour: secret.slice(-4),
      lastUsedAt: null,
    });
    const both = [former, clientFor(secret)];
    expect(await Promise.all(both.map(works))).toEqual([true, true]);
    clock.pass({ hours: 1, minutes: 59 });
    expect(await Promise.all(both.map(works))).toEqual([true, true]);
    clock.pass({ minutes: 2 });
    expect(await Promise.all(both.map(works))).toEqual([false, true]);
  });

  test('lasts a day unless said otherwise, and never longer than the former key would have worked', async () => {
    const [day, hour] = [24 * 3_600_000, 3_600_000];
    const lasting = await given.key({ scopes: ['orders:read'] });
    await rotate(lasting.keyId);
    const left = new Date((await read(lasting.keyId)).expiresAt ?? 0).getTime() - Date.now();
    expect(Math.round(left / hour)).toBe(24);
    const expiresAt = new Date(Date.now() + hour).toISOString();
    const ending = await given.key({ scopes: ['orders:read'], expiresAt });
    const { apiKey } = await rotate(ending.keyId);
    expect([(await read(ending.keyId)).expiresAt, apiKey.expiresAt]).toEqual([expiresAt, expiresAt]);
    const later = new Date(Date.now() + 30 * day).toISOString();
    expect((await rotate(ending.keyId, { expiresAt: later })).apiKey.expiresAt).toBe(later);
  });

  test('without overlap ends the former key at once', async () => {
    const former = await given.key({ scopes: ['orders:read'] });
    const { secret } = await rotate(former.keyId, { overlapHours: 0 });
    expect([await works(former), await works(clientFor(secret))]).toEqual([false, true]);
  });

  test('of a key that ended is refused, and so is an overlap of more than a week', async () => {
    const key = await given.key({ scopes: ['orders:read'] });
    expect(brief(await admin.refusal('keyRotate', { keyId: key.keyId, overlapHours: 169 }))).toEqual([
      'OUT_OF_RANGE input.overlapHours',
    ]);
    await admin.act('keyRevoke', { keyId: key.keyId, reason: 'Over' });
    expect(brief(await admin.refusal('keyRotate', { keyId: key.keyId }))).toEqual(['KEY_ENDED input.keyId']);
  });
});
