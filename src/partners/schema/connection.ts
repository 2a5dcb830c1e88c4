// Connections: lines on which partners' machines report with signed messages.

import { now } from '../../core/time.ts';
import { builder, enumType } from '../../graphql/builder.ts';
import { mutation } from '../../graphql/payload.ts';
import { timeline } from '../../graphql/timeline.ts';
import { seesConnection } from '../access.ts';
import {
  archiveConnection,
  changeConnection,
  openConnection,
  rotateConnection,
} from '../actions/connections.ts';
import {
  connectionArchiveInput,
  connectionChangeInput,
  connectionOpenInput,
  connectionRotateInput,
} from '../inputs/connections.ts';
import { hookPath } from '../rules/connections.ts';
import { connectionKinds } from '../texts.ts';

const ConnectionKind = enumType('ConnectionKind', 'What is reported on a connection.', connectionKinds);

builder.prismaNode('Connection', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: (connection, { actor }) => seesConnection(actor, connection),
  select: { id: true, partnerId: true },
  fields: (t) => ({
    partner: t.relation('partner', { description: 'Whose machine reports.' }),
    code: t.exposeString('code'),
    kind: t.expose('kind', { type: ConnectionKind, description: 'What is reported.' }),
    path: t.string({
      description: 'Path on this server to which the partner posts its messages.',
      select: { kind: true, code: true },
      resolve: hookPath,
    }),
    url: t.exposeString('url', { nullable: true }),
    formerSecretUntil: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Until when the secret before the last rotation is accepted as well; null when it is not.',
      select: { formerUntil: true },
      resolve: ({ formerUntil }) => (formerUntil && formerUntil > now() ? formerUntil : null),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the connection was opened.' }),
    archivedAt: t.expose('archivedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the connection was archived; nothing is heard or called on it since.',
    }),
    timeline: timeline(t),
    version: t.exposeInt('version', { description: 'Raised by one with every event.' }),
  }),
});

const secret = (t: object) => ({
  secret: (t as { string: (field: object) => never }).string({
    nullable: true,
    description:
      'The secret that signs messages, as the libraries of Standard Webhooks take it. Shown only here.',
    resolve: ({ result }: { result: { secret: string } | null }) => result?.secret ?? null,
  }),
});

mutation('connectionOpen', {
  description:
    'Open a connection. Needs all stores and locations. A gateway reports `PAYMENT`; carriers, warehouses, marketplaces and others report `TRACKING`. Refused with NOT_PERMITTED, NOT_FOUND, PARTNER_ARCHIVED, CONNECTION_UNSUITABLE, ALREADY_EXISTS, URL_INSECURE, URL_NOT_PUBLIC.',
  scope: 'connections.manage',
  input: connectionOpenInput,
  run: openConnection,
  returns: 'Connection',
  payload: secret,
});

mutation('connectionChange', {
  description:
    'Change the URL that a connection calls. Refused with NOT_FOUND, CONNECTION_ARCHIVED, STALE_VERSION, URL_INSECURE, URL_NOT_PUBLIC.',
  scope: 'connections.manage',
  input: connectionChangeInput,
  run: changeConnection,
  returns: 'Connection',
});

mutation('connectionRotate', {
  description:
    'Give a connection a new secret; the former one is heard until the overlap is over. Refused with NOT_FOUND, CONNECTION_ARCHIVED.',
  scope: 'connections.manage',
  input: connectionRotateInput,
  run: rotateConnection,
  returns: 'Connection',
  payload: secret,
});

mutation('connectionArchive', {
  description: 'Archive a connection: nothing is heard or called on it any more. Refused with NOT_FOUND.',
  scope: 'connections.manage',
  input: connectionArchiveInput,
  run: (tx, actor, input, at) => archiveConnection(tx, actor, input.connectionId, at),
  returns: 'Connection',
});
