// What callers hand in about categories.

import { z } from 'zod';
import {
  ALWAYS,
  boolean,
  code,
  expectedVersion,
  idOf,
  integer,
  issue,
  text,
  texts,
} from '../../core/inputs.ts';

const categoryCode = () =>
  code().describe('Stable short name: lower case letters, digits, `_` and `-`. Unique.');

const categoryTexts = () =>
  texts('CategoryTextInput', { name: text(1, 80).describe('Name of the category.') }).describe(
    'Name of the category by language.',
  );

const taxRate = () =>
  integer(0, 10_000).describe(
    'Value added tax contained in the prices of this category, in basis points: 1300 is 13 %.',
  );

export const categoryDefineInput = z.object({
  code: categoryCode(),
  parentId: idOf('Category').optional().describe('Category it lies in; none for a root.'),
  texts: categoryTexts(),
  taxRateBasisPoints: taxRate(),
});
export type CategoryDefine = z.output<typeof categoryDefineInput>;

export const categoryChangeInput = z
  .object({
    categoryId: idOf('Category').describe('Category to change.'),
    expectedVersion: expectedVersion(),
    code: categoryCode().optional(),
    parentId: idOf('Category').optional().describe('Category it lies in from now on.'),
    makeRoot: boolean()
      .optional()
      .describe('True: it lies in no category from now on. Not together with `parentId`.'),
    texts: categoryTexts().optional(),
    taxRateBasisPoints: taxRate().optional(),
  })
  .superRefine((input, context) => {
    if (input.makeRoot && input.parentId)
      issue(context, 'INVALID', { why: { en: 'a root has no parent', zh: '根类目没有上级' } }, ['parentId']);
  }, ALWAYS);
export type CategoryChange = z.output<typeof categoryChangeInput>;
