// What sessions of staff and of customers show alike, and what the opening of one answers.

import type { Context } from '../../graphql/context.ts';
import type { Payload } from '../../graphql/payload.ts';

interface Fields {
  boolean(field: object): never;
  field(field: object): never;
  string(field: object): never;
  expose(column: string, field: object): never;
}

/** The fields of a session, whosever it is. */
export function sessionFields(t: object): Record<string, never> {
  const fields = t as Fields;
  return {
    userAgent: fields.expose('userAgent', {
      type: 'String',
      nullable: true,
      description: 'Program that logged in.',
    }),
    address: fields.expose('address', {
      type: 'String',
      nullable: true,
      description: 'Network address that logged in.',
    }),
    createdAt: fields.expose('createdAt', { type: 'DateTime', description: 'When the person logged in.' }),
    lastUsedAt: fields.expose('lastUsedAt', { type: 'DateTime' }),
    expiresAt: fields.expose('expiresAt', {
      type: 'DateTime',
      description: 'When the session ends by itself.',
    }),
    revokedAt: fields.expose('revokedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the session was ended; null while it lasts.',
    }),
    isCurrent: fields.boolean({
      description: 'True for the session of this request.',
      resolve: (session: { id: string }, _args: object, { actor }: Context) =>
        session.id === actor.credentialId,
    }),
  };
}

type Opened = Payload<{ token: string; expiresAt: string }>;

/** The token of a session that was opened and its end, in the payload of the mutation that did. */
export const openedFields = (t: object): object => ({
  token: (t as Fields).string({
    nullable: true,
    description: 'Send as `Authorization: Bearer <token>`. Shown only here.',
    resolve: ({ result }: Opened) => result?.token ?? null,
  }),
  expiresAt: (t as Fields).field({
    type: 'DateTime',
    nullable: true,
    description: 'When the session ends by itself; null when none was opened.',
    resolve: ({ result }: Opened) => (result ? new Date(result.expiresAt) : null),
  }),
});
