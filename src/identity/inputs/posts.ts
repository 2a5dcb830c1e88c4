// What callers hand in about posts.

import { z } from 'zod';
import { code, expectedVersion, idOf, list, text, texts } from '../../core/inputs.ts';

const postTexts = texts('PostTextInput', { name: text(1, 80).describe('Name of the post.') }).describe(
  'Name of the post by language.',
);
const permissions = list(z.string().max(100).meta({ graphql: 'String' }), 0, 200).describe(
  'Permissions of the post; `permissions` lists what there is.',
);

export const postDefineInput = z.object({
  code: code().describe('Stable short name: lower case letters, digits, `_` and `-`. Unique.'),
  texts: postTexts,
  permissions,
});
export type PostDefine = z.output<typeof postDefineInput>;

export const postChangeInput = z.object({
  postId: idOf('Post').describe('Post to change.'),
  expectedVersion: expectedVersion(),
  texts: postTexts.optional(),
  permissions: permissions.optional(),
});
export type PostChange = z.output<typeof postChangeInput>;

export const postArchiveInput = z.object({
  postId: idOf('Post').describe('Post that nobody gets any more.'),
});
