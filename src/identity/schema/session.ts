// Sessions, and who is behind a request.

import { db } from '../../core/db.ts';
import { builder } from '../../graphql/builder.ts';
import { errorType, mutation } from '../../graphql/payload.ts';
import { seesSession } from '../access.ts';
import { checkLogin, openSession, revokeSession } from '../actions/sessions.ts';
import { credentialsInput } from '../inputs/accounts.ts';
import { sessionRevokeInput } from '../inputs/staff.ts';
import { openedFields, sessionFields } from './session-fields.ts';

builder.prismaNode('Session', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: (session, { actor }) => seesSession(actor, session),
  select: { id: true, staffId: true },
  fields: (t) => ({
    staff: t.relation('staff', { description: 'Whose session it is.' }),
    ...sessionFields(t),
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
    authScopes: { internal: true },
    resolve: (_root, _args, { actor }) => [...actor.permissions].sort(),
  }),
}));

errorType<{ retryAfterSeconds: number }>(
  'LoginThrottled',
  'Too many logins were tried, or accounts made, in a short time; this one was not looked at.',
  (t) => ({
    retryAfterSeconds: t.int({
      description: 'Seconds after which to try again.',
      resolve: ({ data }) => data.retryAfterSeconds,
    }),
  }),
);

mutation('sessionOpen', {
  description:
    'Log in. Public. Beyond 20 live sessions of a person the oldest ends. Refused with LOGIN_FAILED, or LOGIN_THROTTLED (type `LoginThrottled`) after too many attempts.',
  scope: 'public',
  input: credentialsInput,
  prepare: checkLogin,
  run: openSession,
  payload: openedFields,
});

mutation('sessionRevoke', {
  description:
    'End a session and its open streams: one’s own, or anybody’s for colleagues with `staff.manage` in the whole department. Refused with NOT_FOUND.',
  scope: 'internal',
  input: sessionRevokeInput,
  run: (tx, actor, input, at) => revokeSession(tx, actor, input.sessionId, at),
  returns: 'Session',
});
