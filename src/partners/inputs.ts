// What callers hand in about partners, keys and connections.

import { z } from 'zod';
import {
  ALWAYS,
  boolean,
  code,
  distinct,
  expectedVersion,
  idOf,
  integer,
  issue,
  list,
  moment,
  oneOf,
  pattern,
  text,
  texts,
} from '../core/inputs.ts';
import { readNetwork } from './rules.ts';
import { connectionKinds, partnerKinds } from './texts.ts';

const partnerKind = () =>
  oneOf('PartnerKind', partnerKinds).describe('What the partner does for the department.');

const partnerTexts = () =>
  texts('PartnerTextInput', { name: text(1, 80).describe('Name of the partner.') }).describe(
    'Name of the partner by language.',
  );

export const partnerOpenInput = z.object({
  code: code().describe('Stable short name: lower case letters, digits, `_` and `-`. Unique.'),
  kind: partnerKind(),
  texts: partnerTexts(),
});
export type PartnerOpen = z.output<typeof partnerOpenInput>;

export const partnerChangeInput = z.object({
  partnerId: idOf('Partner').describe('Partner to change.'),
  expectedVersion: expectedVersion(),
  kind: partnerKind().optional(),
  texts: partnerTexts().optional(),
});
export type PartnerChange = z.output<typeof partnerChangeInput>;

export const partnerArchiveInput = z.object({
  partnerId: idOf('Partner').describe('Partner with whom the work ends. Every key of theirs is revoked.'),
});

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

/** A list without repetitions. */
const setOf = (item: z.ZodType<string>, min: number, max: number) =>
  list(item, min, max).superRefine((items, context) => distinct(context, items), ALWAYS);

const networks = () =>
  setOf(network(), 0, 50).describe(
    'Networks from which alone the key may be used: `203.0.113.0/24`, `2001:db8::/32`, or one address.',
  );

const overlapHours = () =>
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

/** Where a partner is called: TLS, or a program on this machine. */
const callUrl = () =>
  pattern(/^\S{1,500}$/, {
    en: 'a URL has 1 to 500 characters without white space',
    zh: 'URL 为 1 至 500 个非空白字符',
  })
    .superRefine((value, context) => {
      if (!isCallUrl(value))
        issue(context, 'INVALID', {
          why: { en: 'it must be an https URL without a password', zh: '须为不含密码的 https URL' },
        });
    }, ALWAYS)
    .describe('URL that we call, with https: refunds of a payment gateway. Left out: we never call.');

const isCallUrl = (value: string): boolean => {
  const url = URL.parse(value);
  if (url === null) return false;
  const isThisMachine = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  const isPrivate = url.protocol === 'https:' || (url.protocol === 'http:' && isThisMachine);
  return isPrivate && url.username === '' && url.password === '';
};

export const connectionOpenInput = z.object({
  partnerId: idOf('Partner').describe('Partner whose machine reports.'),
  code: code().describe(
    'Stable short name, part of the path of the hook: lower case letters, digits, `_` and `-`. Unique.',
  ),
  kind: oneOf('ConnectionKind', connectionKinds).describe('What is reported.'),
  url: callUrl().optional(),
});
export type ConnectionOpen = z.output<typeof connectionOpenInput>;

export const connectionChangeInput = z
  .object({
    connectionId: idOf('Connection').describe('Connection to change.'),
    expectedVersion: expectedVersion(),
    url: callUrl().optional(),
    withoutUrl: boolean().optional().describe('True: we call nobody any more. Not together with `url`.'),
  })
  .superRefine(({ url, withoutUrl }, context) => {
    if (url && withoutUrl)
      issue(context, 'INVALID', { why: { en: 'give either a URL or none', zh: 'URL 要么给出，要么不给' } }, [
        'url',
      ]);
  }, ALWAYS);
export type ConnectionChange = z.output<typeof connectionChangeInput>;

export const connectionRotateInput = z.object({
  connectionId: idOf('Connection').describe('Connection that gets a new secret.'),
  overlapHours: overlapHours(),
});
export type ConnectionRotate = z.output<typeof connectionRotateInput>;

export const connectionArchiveInput = z.object({
  connectionId: idOf('Connection').describe('Connection on which nothing is heard or called any more.'),
});
