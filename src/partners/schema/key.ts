// API keys, and which one is behind a request.

import { can, listPermissions } from '../../core/actor.ts';
import { db } from '../../core/db.ts';
import { now } from '../../core/time.ts';
import { builder } from '../../graphql/builder.ts';
import { mutation } from '../../graphql/payload.ts';
import { timeline } from '../../graphql/timeline.ts';
import { shows } from '../../graphql/withheld.ts';
import { seesKey } from '../access.ts';
import { issueKey, revokeKey, rotateKey } from '../actions/keys.ts';
import { keyIssueInput, keyRevokeInput, keyRotateInput } from '../inputs/keys.ts';
import { isKeyLive, resolveScopes } from '../rules/keys.ts';
import { WEBHOOKS_MAX } from '../rules/webhooks.ts';

const byStore = { orderBy: { storeId: 'asc' } } as const;
const byLocation = { orderBy: { locationId: 'asc' } } as const;

const deprecatedUseType = builder
  .objectRef<{ coordinate: string; lastUsedAt: Date }>('DeprecatedUse')
  .implement({
    description: 'A deprecated part of the API that a key uses.',
    fields: (t) => ({
      coordinate: t.exposeString('coordinate', {
        description: 'The part, as a schema coordinate: `Order.note`, `Query.orders(by:)`.',
      }),
      lastUsedAt: t.expose('lastUsedAt', { type: 'DateTime', description: 'Last use, exact to a minute.' }),
    }),
  });

builder.prismaNode('ApiKey', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: (key, { actor }) => seesKey(actor, key),
  select: {
    id: true,
    partnerId: true,
    allStores: true,
    allLocations: true,
    stores: { ...byStore, select: { storeId: true } },
    locations: { ...byLocation, select: { locationId: true } },
  },
  fields: (t) => ({
    partner: t.relation('partner', { description: 'Whose programs use the key.' }),
    name: t.exposeString('name'),
    prefix: t.exposeString('prefix'),
    lastFour: t.exposeString('lastFour'),
    scopes: t.exposeStringList('scopes'),
    permissions: t.stringList({
      description: 'Names of the permissions that the scopes now stand for.',
      select: { scopes: true },
      resolve: ({ scopes }) => resolveScopes(scopes, listPermissions()),
    }),
    allStores: t.exposeBoolean('allStores'),
    allLocations: t.exposeBoolean('allLocations'),
    // Unlike those of staff not filtered: whoever sees a key reaches whatever it reaches.
    stores: t.field({
      type: ['Store' as never],
      description: 'Stores in which the key acts; at most 100.',
      select: (_args, _context, nested) =>
        ({ stores: { ...byStore, select: { store: nested(true) } } }) as never,
      resolve: (key) => (key as unknown as { stores: { store: never }[] }).stores.map(({ store }) => store),
    }),
    locations: t.field({
      type: ['Location' as never],
      description: 'Locations at which the key acts; at most 100.',
      select: (_args, _context, nested) =>
        ({ locations: { ...byLocation, select: { location: nested(true) } } }) as never,
      resolve: (key) =>
        (key as unknown as { locations: { location: never }[] }).locations.map(({ location }) => location),
    }),
    networks: t.exposeStringList('networks'),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the key was issued.' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the key ends by itself; null when it does not.',
    }),
    revokedAt: t.expose('revokedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the key was ended; null while nobody ended it.',
    }),
    isActive: t.boolean({
      description: 'True while the key works.',
      select: { revokedAt: true, expiresAt: true, partner: { select: { archivedAt: true } } },
      resolve: (key) => isKeyLive(key, now()),
    }),
    lastUsedAt: t.expose('lastUsedAt', { type: 'DateTime', nullable: true }),
    lastUsedAddress: t.exposeString('lastUsedAddress', {
      nullable: true,
      description: 'Network address of the last use.',
    }),
    deprecatedUses: t.field({
      type: [deprecatedUseType],
      description:
        'Deprecated parts of the API that the key has used since it was issued, the last use first; at most 100. Replace them before the date in their `@deprecated`.',
      select: {
        deprecatedUses: {
          select: { coordinate: true, lastUsedAt: true },
          orderBy: [{ lastUsedAt: 'desc' }, { coordinate: 'asc' }],
          take: 100,
        },
      },
      resolve: ({ deprecatedUses }) => deprecatedUses,
    }),
    replaces: t.relation('replaces', {
      nullable: true,
      description: 'The key that this one was issued to replace.',
    }),
    timeline: timeline(t),
    version: t.exposeInt('version', { description: 'Raised by one with every event.' }),
  }),
});

builder.queryField('viewerKey', (t) =>
  t.prismaField({
    type: 'ApiKey',
    nullable: true,
    description: 'The key of this request; null for everybody else.',
    authScopes: { public: true },
    resolve: (query, _root, _args, { actor }) => {
      const selected = { ...query };
      return actor.kind === 'KEY'
        ? db.apiKey.findUnique({ ...selected, where: { id: actor.id ?? '' } })
        : null;
    },
  }),
);

const secret = (t: object) => ({
  secret: (t as { string: (field: object) => never }).string({
    nullable: true,
    description: 'The key. Send as `Authorization: Bearer <key>`. Shown only here.',
    resolve: ({ result }: { result: { secret: string } | null }) => result?.secret ?? null,
  }),
});

mutation('keyIssue', {
  description:
    'Issue a key to a partner: never more than the caller has. A key must reach a store or a location. What a key issues ends with it. Refused with NOT_PERMITTED (the calling key has just been revoked), NOT_FOUND, PARTNER_ARCHIVED, UNKNOWN_SCOPE, KEY_REACHES_NOTHING, GRANT_EXCEEDS_OWN.',
  scope: 'keys.manage',
  input: keyIssueInput,
  run: issueKey,
  returns: 'ApiKey',
  payload: secret,
});

mutation('keyRotate', {
  description:
    'Replace a key by a new one with the same rights, which gets its webhooks; both work until the overlap is over. Where the former key may have been stolen, look at `webhooks`: whoever had it could have opened or changed them. Refused with NOT_PERMITTED (the calling key has just been revoked), NOT_FOUND, KEY_ENDED, GRANT_EXCEEDS_OWN.',
  scope: 'keys.manage',
  input: keyRotateInput,
  run: rotateKey,
  returns: 'ApiKey',
  payload: (t) => ({
    ...secret(t),
    webhooks: t.prismaField({
      type: ['Webhook'],
      description: `Webhooks that went over to the new key, at most ${WEBHOOKS_MAX}: what they send, and where. Empty without \`webhooks.manage\`.`,
      ...shows,
      resolve: (query, { result }, _args, { actor }) => {
        const moved = { ...query, where: { id: { in: result?.webhookIds ?? [] } } };
        return can(actor, 'webhooks.manage') ? db.webhook.findMany({ ...moved, orderBy: { id: 'asc' } }) : [];
      },
    }),
  }),
});

mutation('keyRevoke', {
  description:
    'End a key at once, and with it every key that it issued and that these issued, rotated ones too, but for the calling key and what that issued; their open streams end. Repeating it changes nothing more. Refused with NOT_FOUND.',
  scope: 'keys.manage',
  input: keyRevokeInput,
  run: revokeKey,
  returns: 'ApiKey',
});
