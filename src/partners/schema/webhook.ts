// Webhooks: URLs of partners to which events are sent as they happen.

import { db } from '../../core/db.ts';
import { currentHead } from '../../core/event-log.ts';
import { toGlobalId } from '../../core/ids.ts';
import { now } from '../../core/time.ts';
import { builder, enumType } from '../../graphql/builder.ts';
import { list, nestedList } from '../../graphql/connection.ts';
import { feed } from '../../graphql/feed.ts';
import { mutation } from '../../graphql/payload.ts';
import { timeline } from '../../graphql/timeline.ts';
import { ifShown } from '../../graphql/withheld.ts';
import { isWithin } from '../../identity/rules.ts';
import { seesWebhook, visibleWebhooks, webhookScope } from '../access.ts';
import { disableWebhook, enableWebhook } from '../actions/webhook-states.ts';
import { archiveWebhook, changeWebhook, openWebhook, rotateWebhook } from '../actions/webhooks.ts';
import {
  webhookArchiveInput,
  webhookChangeInput,
  webhookDisableInput,
  webhookEnableInput,
  webhookEventFilter,
  webhookOpenInput,
  webhookRotateInput,
  webhookWhere,
} from '../inputs/webhooks.ts';
import { isKeyLive } from '../rules/keys.ts';
import { webhookDisabledReasons, webhookStates } from '../texts.ts';

const WebhookState = enumType('WebhookState', 'Whether a webhook sends.', webhookStates);

const WebhookDisabledReason = enumType(
  'WebhookDisabledReason',
  'Why a webhook was disabled.',
  webhookDisabledReasons,
);

const NEWEST = [
  ['createdAt', 'desc'],
  ['id', 'desc'],
] as const;
const byStore = { orderBy: { storeId: 'asc' } } as const;

builder.prismaNode('Webhook', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: (webhook, { actor }) => seesWebhook(actor, webhook) || ifShown,
  select: { id: true, ...webhookScope },
  fields: (t) => ({
    keyId: t.id({
      description:
        'Id of the key whose rights decide what is sent. A key that is rotated hands its webhooks on.',
      select: { keyId: true },
      resolve: ({ keyId }) => toGlobalId('ApiKey', keyId),
    }),
    url: t.exposeString('url'),
    types: t.exposeStringList('types'),
    stores: t.field({
      type: ['Store' as never],
      description: 'Only events of these stores are sent; at most 100. Empty: of all that the key reaches.',
      select: (_args, _context, nested) =>
        ({ stores: { ...byStore, select: { store: nested(true) } } }) as never,
      resolve: (webhook) =>
        (webhook as unknown as { stores: { store: never }[] }).stores.map(({ store }) => store),
    }),
    document: t.exposeString('document', { nullable: true }),
    locale: t.exposeString('locale'),
    formerSecretUntil: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Until when the secret before the last rotation signs as well; null when it does not.',
      select: { formerUntil: true },
      resolve: ({ formerUntil }) => (formerUntil && formerUntil > now() ? formerUntil : null),
    }),
    state: t.expose('state', { type: WebhookState, description: 'Whether the webhook sends.' }),
    isActive: t.boolean({
      description: 'True while the webhook sends: it is active, and its key works.',
      select: {
        state: true,
        key: { select: { revokedAt: true, expiresAt: true, partner: { select: { archivedAt: true } } } },
      },
      resolve: ({ state, key }) => state === 'ACTIVE' && isKeyLive(key, now()),
    }),
    disabledReason: t.expose('disabledReason', {
      type: WebhookDisabledReason,
      nullable: true,
      description: 'Why the webhook was disabled; null when it is not.',
    }),
    disabledAt: t.expose('disabledAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When the webhook was disabled; null when it is not. What happened since is sent on `webhookReplay`.',
    }),
    failures: t.exposeInt('failures'),
    failingSince: t.expose('failingSince', { type: 'DateTime', nullable: true }),
    pausedUntil: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Nothing but tests is sent before this moment, because attempts failed; null when all is.',
      select: { pausedUntil: true },
      resolve: ({ pausedUntil }) => (pausedUntil && pausedUntil > now() ? pausedUntil : null),
    }),
    deliveries: nestedList(t, {
      type: 'WebhookDelivery',
      description: 'What was and is to be sent in the last 30 days, newest first.',
      relation: 'deliveries',
      ordering: NEWEST,
      count: ({ id }) => db.webhookDelivery.count({ where: { webhookId: id } }),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the webhook was opened.' }),
    timeline: timeline(t),
    version: t.exposeInt('version', { description: 'Raised by one with every event.' }),
  }),
});

builder.prismaObjectField('ApiKey', 'webhooks', (t) =>
  nestedList(t, {
    type: 'Webhook',
    description: 'Webhooks that send what the key may see, newest first, for those who manage them.',
    relation: 'webhooks',
    ordering: NEWEST,
    filter: visibleWebhooks,
    count: ({ id }, actor) => db.webhook.count({ where: { AND: [{ keyId: id }, visibleWebhooks(actor)] } }),
  }),
);

list('webhooks', {
  type: 'Webhook',
  description: 'Webhooks of the keys that reach no further than the caller. Keys find their own.',
  scope: 'webhooks.manage',
  where: webhookWhere,
  orderings: { NEWEST },
  orderingTitles: { NEWEST: { en: 'Newest first', zh: '最新优先' } },
  filter: (actor, where) => ({
    AND: [
      visibleWebhooks(actor),
      where?.partnerId ? { key: { partnerId: where.partnerId } } : {},
      where?.keyId ? { keyId: where.keyId } : {},
      where?.states ? { state: { in: where.states } } : {},
    ],
  }),
  find: (query) => db.webhook.findMany(query),
  count: (query) => db.webhook.count(query),
});

const secret = (t: object) => ({
  secret: (t as { string: (field: object) => never }).string({
    nullable: true,
    description:
      'The secret that signs messages, as the libraries of Standard Webhooks take it. Shown only here.',
    resolve: ({ result }: { result: { secret: string } | null }) => result?.secret ?? null,
  }),
});

/** Read before the transaction: what happens after it is sent. */
const fromNow = async () => ({ listensAfter: await currentHead() });

const wishRefusals =
  'URL_INSECURE, URL_NOT_PUBLIC, UNKNOWN_EVENT_TYPE, EVENT_BEYOND_KEY, DOCUMENT_INVALID, DOCUMENT_TOO_COSTLY, DOCUMENT_BEYOND_KEY, GRANT_EXCEEDS_OWN (the key may read what the caller may not)';

mutation('webhookOpen', {
  description: `Open a webhook: what happens from now on is posted to a URL, signed, as far as a key may see it. Refused with NOT_FOUND, KEY_ENDED, WEBHOOK_LIMIT, ${wishRefusals}.`,
  scope: 'webhooks.manage',
  input: webhookOpenInput,
  prepare: fromNow,
  run: openWebhook,
  returns: 'Webhook',
  payload: secret,
});

mutation('webhookChange', {
  description: `Change where a webhook sends, and what. Refused with NOT_FOUND, WEBHOOK_ARCHIVED, STALE_VERSION, ${wishRefusals}.`,
  scope: 'webhooks.manage',
  input: webhookChangeInput,
  run: changeWebhook,
  returns: 'Webhook',
});

mutation('webhookRotate', {
  description:
    'Give a webhook a new secret; the former one signs as well until the overlap is over. Refused with NOT_FOUND, WEBHOOK_ARCHIVED.',
  scope: 'webhooks.manage',
  input: webhookRotateInput,
  run: rotateWebhook,
  returns: 'Webhook',
  payload: secret,
});

mutation('webhookEnable', {
  description:
    'Enable a webhook that was disabled: what waits for it is sent at once, and what happens from now on. What happened meanwhile is sent on `webhookReplay`. Repeating it changes nothing. Refused with NOT_FOUND, WEBHOOK_ARCHIVED, KEY_ENDED.',
  scope: 'webhooks.manage',
  input: webhookEnableInput,
  prepare: fromNow,
  run: enableWebhook,
  returns: 'Webhook',
});

mutation('webhookDisable', {
  description:
    'Disable a webhook: nothing is sent, and what happens is not noted for it, until it is enabled. Repeating it changes nothing. Refused with NOT_FOUND, WEBHOOK_ARCHIVED.',
  scope: 'webhooks.manage',
  input: webhookDisableInput,
  run: disableWebhook,
  returns: 'Webhook',
});

mutation('webhookArchive', {
  description:
    'Archive a webhook: nothing is sent any more, and what waits is withheld. Repeating it changes nothing. Refused with NOT_FOUND.',
  scope: 'webhooks.manage',
  input: webhookArchiveInput,
  run: (tx, actor, input, at) => archiveWebhook(tx, actor, input.webhookId, at),
  returns: 'Webhook',
});

feed('webhookEvents', {
  entity: 'Webhook',
  noun: 'webhook',
  description:
    'Changes of webhooks that the caller may see, live: also that one was disabled because its receiver is not there.',
  scope: 'webhooks.manage',
  filter: webhookEventFilter,
  matches: (filter, facets) =>
    (filter?.webhookIds?.includes(String(facets.webhookId)) ?? true) &&
    (filter?.states?.some((state) => state === facets.state) ?? true),
  visible: (actor, { facets }) =>
    actor.kind === 'KEY'
      ? facets.keyId === actor.id
      : isWithin(actor.stores, facets.allStores === true, facets.storeIds as string[]) &&
        isWithin(actor.locations, facets.allLocations === true, facets.locationIds as string[]),
  load: (query, id, actor) =>
    db.webhook.findFirst({ ...query, where: { AND: [{ id }, visibleWebhooks(actor)] } }),
});
