// What accounts of staff and of customers have in common: passwords, languages, logging in.

import { z } from 'zod';
import { ALWAYS, oneOf } from '../../core/inputs.ts';

/** A password that is set. Passwords that are checked may be anything. */
export const newPassword = () =>
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

export const password = () => z.string().max(1_000).meta({ graphql: 'String' });

export const locale = () =>
  oneOf('Locale', { en: 1, zh: 1 }).describe(
    'Language in which this person is answered where a request names none.',
  );

/** What somebody logs in with. */
export const credentialsInput = z.object({
  // No account has a null byte, and PostgreSQL takes none.
  email: z
    .string()
    .max(300)
    .transform((email) => email.replaceAll('\0', ' '))
    .meta({ graphql: 'String' })
    .describe('E-mail address of the account.'),
  password: password().describe('Password of the account.'),
});
export type Credentials = z.output<typeof credentialsInput>;

export const passwordChangeInput = z.object({
  currentPassword: password().describe('Present password.'),
  newPassword: newPassword().describe('New password.'),
});
export type PasswordChange = z.output<typeof passwordChangeInput>;
