// What callers hand in about connections.

import { z } from 'zod';
import { ALWAYS, boolean, code, expectedVersion, idOf, issue, oneOf, pattern } from '../../core/inputs.ts';
import { connectionKinds } from '../texts.ts';
import { overlapHours } from './keys.ts';

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
