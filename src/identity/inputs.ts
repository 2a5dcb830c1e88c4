// What callers hand in about staff, posts and sessions.

import { z } from 'zod';
import {
  ALWAYS,
  boolean,
  code,
  email,
  expectedVersion,
  idOf,
  list,
  oneOf,
  text,
  texts,
} from '../core/inputs.ts';

const password = () =>
  z
    .string()
    .superRefine((value, context) => {
      const length = [...value].length;
      if (length < 12)
        context.addIssue({
          code: 'custom',
          message: 'short',
          params: { code: 'TOO_SHORT', min: { en: '12 characters', zh: '12 个字符' } },
        });
      if (length > 200)
        context.addIssue({
          code: 'custom',
          message: 'long',
          params: { code: 'TOO_LONG', max: { en: '200 characters', zh: '200 个字符' } },
        });
    }, ALWAYS)
    .meta({ graphql: 'String', bounds: '12 to 200 characters.' });

const locale = () =>
  oneOf('Locale', { en: 1, zh: 1 }).describe('Language of the texts this person is shown.');

const reach = {
  allStores: boolean().optional().describe('True: every store, also those opened later.'),
  storeIds: list(idOf('Store'), 0, 100).optional().describe('Stores in which the person acts.'),
  allLocations: boolean().optional().describe('True: every location, also those opened later.'),
  locationIds: list(idOf('Location'), 0, 100).optional().describe('Locations at which the person acts.'),
};

export const sessionOpenInput = z.object({
  // No account has a null byte, and PostgreSQL takes none.
  email: z
    .string()
    .max(300)
    .transform((email) => email.replaceAll('\0', ' '))
    .meta({ graphql: 'String' })
    .describe('E-mail address of the account.'),
  password: z.string().max(1_000).meta({ graphql: 'String' }).describe('Password of the account.'),
});
export type SessionOpen = z.output<typeof sessionOpenInput>;

export const sessionRevokeInput = z.object({ sessionId: idOf('Session').describe('Session to end.') });

export const staffHireInput = z.object({
  name: text(1, 100).describe('Name of the person.'),
  email: email().describe('E-mail address to log in with. Unique.'),
  password: password().describe('First password.'),
  locale: locale().default('en'),
  postIds: list(idOf('Post'), 1, 20).describe('Posts, which bring the permissions.'),
  ...reach,
});
export type StaffHire = z.output<typeof staffHireInput>;

export const staffChangeInput = z.object({
  staffId: idOf('Staff').describe('Whom to change.'),
  expectedVersion: expectedVersion(),
  name: text(1, 100).optional().describe('New name.'),
  locale: locale().optional(),
  postIds: list(idOf('Post'), 1, 20).optional().describe('All posts from now on.'),
  ...reach,
});
export type StaffChange = z.output<typeof staffChangeInput>;

export const staffLeaveInput = z.object({ staffId: idOf('Staff').describe('Who leaves. All sessions end.') });

export const passwordChangeInput = z.object({
  currentPassword: z.string().max(1_000).meta({ graphql: 'String' }).describe('Present password.'),
  newPassword: password().describe('New password.'),
});
export type PasswordChange = z.output<typeof passwordChangeInput>;

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
