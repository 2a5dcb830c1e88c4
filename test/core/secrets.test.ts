// Secrets that must be read again: sealed under the secret key, for one object.

import { beforeEach, expect, test } from 'vitest';
import { seal, setSecretKey, unseal } from '../../src/core/secrets.ts';

beforeEach(() => setSecretKey('one key'));

test('a sealed secret opens for its owner, and two seals of it do not look alike', () => {
  const [one, other] = [seal('whsec_…', 'owner'), seal('whsec_…', 'owner')];
  expect(one).not.toBe(other);
  expect(Buffer.from(one, 'base64url').toString('latin1')).not.toContain('whsec_');
  expect([unseal(one, 'owner'), unseal(other, 'owner')]).toEqual(['whsec_…', 'whsec_…']);
});

test('it opens neither for another owner, nor under another key, nor when anything of it was altered', () => {
  const sealed = seal('a secret', 'owner');
  expect(() => unseal(sealed, 'stranger')).toThrow();
  const bytes = Buffer.from(sealed, 'base64url');
  for (let i = 0; i < bytes.length; i++) {
    const altered = Buffer.from(bytes);
    altered[i] = (altered[i] ?? 0) ^ 1;
    expect(() => unseal(altered.toString('base64url'), 'owner'), String(i)).toThrow();
  }
  for (const short of ['', sealed.slice(0, 10), sealed.slice(0, -8)])
    expect(() => unseal(short, 'owner')).toThrow();
  setSecretKey('another key');
  expect(() => unseal(sealed, 'owner')).toThrow();
});
