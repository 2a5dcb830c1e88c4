// What is true of keys and networks, whatever they are.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isAllowedFrom, isKey, keyOf, networksBeyond, resolveScopes } from '../../src/partners/rules/keys.ts';

const random = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => Buffer.from(bytes));
const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

test('G36 every key fits its own checksum, and no two keys of other random bytes are alike', () => {
  fc.assert(
    fc.property(random, random, (one, other) => {
      expect(isKey(keyOf(one))).toBe(true);
      expect(keyOf(one)).toMatch(/^ds_key_[0-9A-Za-z]{33}$/);
      expect(keyOf(one) === keyOf(other)).toBe(one.equals(other));
    }),
  );
});

test('G36 a key with one character changed, or two neighbours swapped, never fits its checksum', () => {
  const position = fc.integer({ min: 7, max: 39 });
  fc.assert(
    fc.property(random, position, fc.constantFrom(...base62), (bytes, at, character) => {
      const key = keyOf(bytes);
      const changed = `${key.slice(0, at)}${character}${key.slice(at + 1)}`;
      expect(isKey(changed)).toBe(changed === key);
      const swapped = `${key.slice(0, at - 1)}${key[at]}${key[at - 1]}${key.slice(at + 1)}`;
      expect(isKey(swapped)).toBe(swapped === key);
    }),
    { numRuns: 500 },
  );
});

test('G36 an address is in a network of either family, however the server writes it', () => {
  const inside = [
    ['10.0.0.0/8', '10.255.255.255'],
    ['10.0.0.0/8', '::ffff:10.1.2.3'],
    ['10.1.2.3/32', '10.1.2.3'],
    ['0.0.0.0/0', '198.51.100.7'],
    ['2001:db8::/32', '2001:db8:ffff::1'],
    ['fe80::/10', 'fe80::1%eth0'],
    ['::/0', '2001:db8::1'],
  ];
  const outside = [
    ['10.0.0.0/8', '11.0.0.0'],
    ['10.0.0.0/8', '::ffff:11.1.2.3'],
    ['10.1.2.3/32', '10.1.2.4'],
    ['2001:db8::/32', '2001:db9::1'],
    ['0.0.0.0/0', '2001:db8::1'],
    ['10.0.0.0/8', ''],
  ];
  for (const [network = '', address = ''] of inside)
    expect(isAllowedFrom([network], address), address).toBe(true);
  for (const [network = '', address = ''] of outside)
    expect(isAllowedFrom([network], address), address).toBe(false);
  expect(isAllowedFrom(['10.0.0.0/8'], null)).toBe(false);
  expect(isAllowedFrom(['192.0.2.0/24', '10.0.0.0/8'], '10.0.0.1')).toBe(true);
  expect(isAllowedFrom([], null)).toBe(true);
});

test('C49 a network lies beyond others unless one of them contains it whole', () => {
  const own = ['10.0.0.0/8', '2001:db8::/32'];
  expect(networksBeyond(['10.1.0.0/16', '10.0.0.0/8', '2001:db8:1::/48', '10.9.9.9/32'], own)).toEqual([]);
  const beyond = ['11.0.0.0/16', '0.0.0.0/0', '10.0.0.0/7', '::/0', '2001:db8::/31', '::ffff:10.0.0.0/104'];
  expect(networksBeyond(beyond, own)).toEqual(beyond);
  expect(networksBeyond(beyond, [])).toEqual([]);
});

test('G36 a set holds the permissions of its domain and kind, and never a guarded one', () => {
  const entry = (name: string, kind: 'read' | 'write' | 'guarded') =>
    ({ name, kind, shopper: false, title: { en: name, zh: name } }) as never;
  const every = [
    entry('orders.read', 'read'),
    entry('orders.place', 'write'),
    entry('orders.reveal', 'guarded'),
    entry('ordersArchive.read', 'read'),
    entry('stock.read', 'read'),
  ];
  expect(resolveScopes(['orders:read'], every)).toEqual(['orders.read']);
  expect(resolveScopes(['orders:write', 'orders.read', 'orders:read'], every)).toEqual([
    'orders.place',
    'orders.read',
  ]);
  expect(resolveScopes(['orders.reveal'], every)).toEqual(['orders.reveal']);
  const nothing = [
    'orders:guarded',
    'orders:',
    'orders',
    'orders:read:write',
    ':read',
    '',
    'fish:read',
    'orders.*',
  ];
  expect(resolveScopes(nothing, every)).toEqual([]);
});
