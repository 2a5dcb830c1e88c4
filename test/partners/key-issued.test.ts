// Ending a key ends what it issued: whoever stole it is left with none.

import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import type { KeyClient } from '../setup/partners.ts';
import { keyringOf, works } from './keyring.ts';

const app = await startApp({ env: { BACKGROUND: 'off' } });
const { admin, given } = app;
const keyring = keyringOf(app);
const scopes = ['keys.manage', 'orders:read'];
const issue = (by: KeyClient) => given.key({ partner: by.partnerId, scopes, by });
const revoke = (keyId: string, by: Pick<KeyClient, 'act'> = admin) =>
  by.act('keyRevoke', { keyId, reason: 'Stolen' });
const working = async (...keys: KeyClient[]) => Promise.all(keys.map(works));

test('G36 ending a key ends the keys that it issued, and those that these issued, and no others', async () => {
  const stolen = await given.key({ scopes });
  const sibling = await given.key({ partner: stolen.partnerId, scopes });
  const first = await issue(stolen);
  const second = await issue(first);
  const ofSibling = await issue(sibling);
  await revoke(stolen.keyId);
  expect(await working(stolen, first, second, sibling, ofSibling)).toEqual([false, false, false, true, true]);
  const ended = await keyring.read(second.keyId);
  expect([ended.isActive, ended.version]).toEqual([false, 2]);
});

test('G36 a key that is ended already still takes with it what it issued', async () => {
  const stolen = await given.key({ scopes });
  const first = await issue(stolen);
  await revoke(stolen.keyId, first);
  expect(await working(stolen, first)).toEqual([false, true]);
  await revoke(stolen.keyId);
  expect(await working(first)).toEqual([false]);
});

test('G36 no key survives that is issued while its issuer is ended', async () => {
  const stolen = await given.key({ scopes });
  const input = { partnerId: stolen.partnerId, name: 'X', scopes: ['orders:read'], allStores: true };
  const issuing = () =>
    stolen
      .run<{ keyIssue: { secret: string | null } }>(
        'mutation ($input: KeyIssueInput!) { keyIssue(input: $input) { secret userErrors { code } } }',
        { input },
      )
      .then(({ data }) => data?.keyIssue.secret ?? null);
  const answers = Promise.all(Array.from({ length: 8 }, issuing));
  await revoke(stolen.keyId);
  const secrets = (await answers).filter((secret) => secret !== null);
  expect(await Promise.all(secrets.map((secret) => works(app.clientFor(secret))))).toEqual(
    secrets.map(() => false),
  );
});
