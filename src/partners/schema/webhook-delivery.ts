// Deliveries: the log of what was sent to webhooks, and sending again.

import { encodeCursor } from '../../core/cursor.ts';
import { db } from '../../core/db.ts';
import { placeOf } from '../../core/event-log.ts';
import { toGlobalId } from '../../core/ids.ts';
import { builder, enumType } from '../../graphql/builder.ts';
import { list, nestedList } from '../../graphql/connection.ts';
import { mutation } from '../../graphql/payload.ts';
import { seesWebhook, visibleWebhooks, webhookScope } from '../access.ts';
import { replayWebhook, testWebhook } from '../actions/replay-webhook.ts';
import { webhookDeliveryWhere, webhookReplayInput, webhookTestInput } from '../inputs/webhooks.ts';
import { KEPT_DAYS, REPLAY_MAX } from '../rules/webhooks.ts';
import { webhookAttemptFailures, webhookDeliveryReasons, webhookDeliveryStates } from '../texts.ts';

const State = enumType('WebhookDeliveryState', 'What became of a delivery.', webhookDeliveryStates);
const Reason = enumType('WebhookDeliveryReason', 'Why a delivery did not arrive.', webhookDeliveryReasons);
const Failure = enumType('WebhookAttemptFailure', 'Why there was no answer.', webhookAttemptFailures);

builder.prismaNode('WebhookDelivery', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: ({ webhook }, { actor }) => seesWebhook(actor, webhook),
  select: { id: true, webhook: { select: webhookScope } },
  fields: (t) => ({
    webhook: t.relation('webhook', { description: 'Webhook to which it is sent.' }),
    messageId: t.string({
      description: 'The `webhook-id` of every attempt, by which a receiver knows what came before.',
      resolve: ({ id }) => `msg_${id}`,
    }),
    type: t.exposeString('type', { description: 'Name of the event; `webhook.tested` for a test.' }),
    isTest: t.boolean({
      description: 'True for a test, which is tried once.',
      select: { seq: true },
      resolve: ({ seq }) => seq === null,
    }),
    cursor: t.field({
      type: 'EventCursor',
      nullable: true,
      description: 'Place of the event in the log; null for a test.',
      select: { seq: true, eventId: true },
      resolve: ({ seq, eventId }) => (seq && eventId ? encodeCursor(placeOf({ seq, eventId })) : null),
    }),
    nodeId: t.id({
      description: 'Id of the object that changed; of a test, that its document is executed with.',
      select: { entityType: true, entityId: true },
      resolve: ({ entityType, entityId }) => toGlobalId(entityType, entityId),
    }),
    state: t.expose('state', { type: State, description: 'What became of it.' }),
    reason: t.expose('reason', {
      type: Reason,
      nullable: true,
      description: 'Why it was given up or withheld; null otherwise.',
    }),
    nextAttemptAt: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'When it is tried next, at the earliest: a webhook that is paused or disabled waits. Null when it is not tried any more.',
      select: { state: true, nextAttemptAt: true },
      resolve: ({ state, nextAttemptAt }) => (state === 'PENDING' ? nextAttemptAt : null),
    }),
    attemptCount: t.exposeInt('attemptCount'),
    attempts: nestedList(t, {
      type: 'WebhookAttempt',
      description: 'All attempts, the first one first.',
      relation: 'attempts',
      ordering: [['number', 'asc']],
      count: ({ id }) => db.webhookAttempt.count({ where: { deliveryId: id } }),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was queued first.' }),
    settledAt: t.expose('settledAt', { type: 'DateTime', nullable: true }),
  }),
});

builder.prismaNode('WebhookAttempt', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: ({ delivery }, { actor }) => seesWebhook(actor, delivery.webhook),
  select: { id: true, delivery: { select: { webhook: { select: webhookScope } } } },
  fields: (t) => ({
    number: t.exposeInt('number', { description: 'Which attempt of its delivery it was: 1 for the first.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When it ended.' }),
    status: t.exposeInt('status', { nullable: true }),
    failure: t.expose('failure', {
      type: Failure,
      nullable: true,
      description: 'Why there was no answer; null when there was one.',
    }),
    milliseconds: t.exposeInt('milliseconds'),
    bytes: t.exposeInt('bytes'),
    answer: t.exposeString('answer', {
      nullable: true,
      description:
        'First 500 characters of the answer, without what looks like a secret; null when it was empty or there was none.',
    }),
  }),
});

list('webhookDeliveries', {
  type: 'WebhookDelivery',
  description: `What was and is to be sent to webhooks that the caller may see, of the last ${KEPT_DAYS} days.`,
  scope: 'webhooks.manage',
  where: webhookDeliveryWhere,
  orderings: {
    NEWEST: [
      ['createdAt', 'desc'],
      ['id', 'desc'],
    ],
  },
  orderingTitles: { NEWEST: { en: 'Newest first', zh: '最新优先' } },
  filter: (actor, where) => ({
    webhook: visibleWebhooks(actor),
    ...(where?.webhookId ? { webhookId: where.webhookId } : {}),
    ...(where?.states ? { state: { in: where.states } } : {}),
    ...(where?.types ? { type: { in: where.types } } : {}),
  }),
  find: (query) => db.webhookDelivery.findMany(query),
  count: (query) => db.webhookDelivery.count(query),
});

mutation('webhookTest', {
  description:
    'Send a message of the type `webhook.tested` to a webhook, once, also while it is disabled or paused; what came of it stands in the delivery a moment later. Refused with NOT_FOUND, WEBHOOK_ARCHIVED, KEY_ENDED.',
  scope: 'webhooks.manage',
  input: webhookTestInput,
  run: testWebhook,
  returns: 'WebhookDelivery',
});

mutation('webhookReplay', {
  description: `Send again: named deliveries, events, or a range of at most ${REPLAY_MAX} events (\`nextCursor\` says where to go on), each under the \`webhook-id\` that it had, if it was sent before. Sends what the webhook wants and its key may see now, also what happened before the webhook was opened. A range reaches back ${KEPT_DAYS} days: of one that begins earlier, what is older is left out. What is sent while the webhook is disabled waits until it is enabled. Refused with NOT_FOUND, WEBHOOK_ARCHIVED, KEY_ENDED, INVALID (a cursor of another database).`,
  scope: 'webhooks.manage',
  input: webhookReplayInput,
  run: replayWebhook,
  returns: 'Webhook',
  payload: (t) => ({
    count: t.int({
      nullable: true,
      description: 'How many deliveries were queued.',
      resolve: ({ result }) => result?.count ?? null,
    }),
    nextCursor: t.field({
      type: 'EventCursor',
      nullable: true,
      description: 'Place to hand in as `after` for the rest of the range; null when all of it was queued.',
      resolve: ({ result }) => result?.nextCursor ?? null,
    }),
  }),
});
