// Sessions, and who is behind a request.

import { db } from '../../core/db.ts';
import { builder } from '../../graphql/builder.ts';
import { mutation } from '../../graphql/payload.ts';
import { seesSession } from '../access.ts';
import { checkLogin, openSession, revokeSession } from '../actions/sessions.ts';
import { sessionOpenInput, sessionRevokeInput } from '../inputs.ts';

builder.prismaNode('Session', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: (session, { actor }) => seesSession(actor, session),
  select: { id: true, staffId: true },
  fields: (t) => ({
    staff: t.relation('staff', { description: 'Whose session it is.' }),
    userAgent: t.exposeString('userAgent', { nullable: true, description: 'Program that logged in.' }),
    address: t.exposeString('address', { nullable: true, description: 'Network address that logged in.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the person logged in.' }),
    lastUsedAt: t.expose('lastUsedAt', { type: 'DateTime' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'When the session ends by itself.' }),
    revokedAt: t.expose('revokedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the session was ended; null while it lasts.',
    }),
    isCurrent: t.boolean({
      description: 'True for the session of this request.',
      resolve: (session, _args, { actor }) => session.id === actor.credentialId,
    }),
  }),
});

builder.queryFields((t) => ({
  viewer: t.prismaField({
    type: 'Staff',
    nullable: true,
    description: 'The person behind the session of this request; null for everybody else.',
    authScopes: { public: true },
    resolve: (query, _root, _args, { actor }) => {
      const selected = { ...query };
      return actor.kind === 'STAFF'
        ? db.staff.findUnique({ ...selected, where: { id: actor.id ?? '' } })
        : null;
    },
  }),
  viewerPermissions: t.stringList({
    description: 'Names of the permissions of this request.',
    authScopes: { signedIn: true },
    resolve: (_root, _args, { actor }) => [...actor.permissions].sort(),
  }),
}));

mutation('sessionOpen', {
  description: 'Log in. Public. Refused with LOGIN_FAILED, or LOGIN_THROTTLED after too many attempts.',
  scope: 'public',
  input: sessionOpenInput,
  prepare: checkLogin,
  run: openSession,
  payload: (t) => ({
    token: t.string({
      nullable: true,
      description: 'Send as `Authorization: Bearer <token>`. Shown only here.',
      resolve: ({ result }) => result?.token ?? null,
    }),
  }),
});

mutation('sessionRevoke', {
  description:
    'End a session and its open streams: one’s own, or anybody’s with `staff.manage`. Refused with NOT_FOUND.',
  scope: 'signedIn',
  input: sessionRevokeInput,
  run: (tx, actor, input, at) => revokeSession(tx, actor, input.sessionId, at),
  returns: 'Session',
});
