// What callers hand in about partners.

import { z } from 'zod';
import { code, expectedVersion, idOf, oneOf, text, texts } from '../../core/inputs.ts';
import { partnerKinds } from '../texts.ts';

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
