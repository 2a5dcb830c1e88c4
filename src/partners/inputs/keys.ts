// What callers hand in about keys.

import { z } from 'zod';
import { ALWAYS, boolean, distinct, idOf, integer, issue, list, moment, text } from '../../core/inputs.ts';
import { readNetwork } from '../../core/networks.ts';

/** A list without repetitions. */
export const setOf = (item: z.ZodType<string>, min: number, max: number) =>
  list(item, min, max).superRefine((items, context) => distinct(context, items), ALWAYS);

const network = () =>
  z
    .string()
    .transform((value, context) => {
      const read = readNetwork(value.trim().toLowerCase());
      if (read) return `${read.address}/${read.prefix}`;
      issue(context, 'INVALID', {
        why: { en: 'this is no IP address and no network in CIDR notation', zh: '不是 IP 地址或 CIDR 网段' },
      });
      return z.NEVER;
    })
    .meta({ graphql: 'String' });

const networks = () =>
  setOf(network(), 0, 50).describe(
    'Networks from which alone the key may be used: `203.0.113.0/24`, `2001:db8::/32`, or one address.',
  );

export const overlapHours = () =>
  integer(0, 168)
    .default(24)
    .describe(
      'Hours for which the former secret still works beside the new one. 0: not at all. Default: 24.',
    );

export const keyIssueInput = z.object({
  partnerId: idOf('Partner').describe('Partner whose programs use the key.'),
  name: text(1, 100).describe('What the key is for.'),
  scopes: setOf(z.string().max(100).meta({ graphql: 'String' }), 1, 200).describe(
    'What the key may do: permissions (`orders.place`), or sets of them: `<domain>:read` and `<domain>:write` stand for all permissions of a domain that read or write, also for later ones; personal data and keys are in no set.',
  ),
  allStores: boolean().default(false).describe('True: every store, also those opened later.'),
  storeIds: setOf(idOf('Store'), 0, 100).default([]).describe('Stores in which the key acts.'),
  allLocations: boolean().default(false).describe('True: every location, also those opened later.'),
  locationIds: setOf(idOf('Location'), 0, 100).default([]).describe('Locations at which the key acts.'),
  networks: networks().default([]),
  expiresAt: moment().optional().describe('When the key ends by itself. Default: never.'),
});
export type KeyIssue = z.output<typeof keyIssueInput>;

export const keyRotateInput = z.object({
  keyId: idOf('ApiKey').describe('Key to replace by a new one with the same rights.'),
  overlapHours: overlapHours(),
  expiresAt: moment()
    .optional()
    .describe('When the new key ends by itself. Default: when the former would have.'),
});
export type KeyRotate = z.output<typeof keyRotateInput>;

export const keyRevokeInput = z.object({
  keyId: idOf('ApiKey').describe('Key to end at once, with its open streams.'),
  reason: text(1, 500).describe('Why. Kept in the history of the key.'),
});
export type KeyRevoke = z.output<typeof keyRevokeInput>;
