// What callers hand in about webhooks.

import { z } from 'zod';
import { decodeCursor } from '../../core/cursor.ts';
import { fromGlobalId } from '../../core/ids.ts';
import {
  ALWAYS,
  boolean,
  expectedVersion,
  idOf,
  issue,
  list,
  moment,
  oneOf,
  pattern,
  text,
} from '../../core/inputs.ts';
import { KEPT_DAYS } from '../rules/webhooks.ts';
import { webhookDeliveryStates, webhookStates } from '../texts.ts';
import { overlapHours, setOf } from './keys.ts';

const webhookId = () => idOf('Webhook');

const isUrl = (value: string): boolean => {
  const url = URL.parse(value);
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  return url !== null && isWeb && url.username === '' && url.password === '' && url.hash === '';
};

const URL_FORM = /^\S{1,1000}$/;

const url = () =>
  pattern(URL_FORM, {
    en: 'a URL has 1 to 1000 characters without white space',
    zh: 'URL 为 1 至 1000 个非空白字符',
  })
    .superRefine((value, context) => {
      if (URL_FORM.test(value) && !isUrl(value))
        issue(context, 'INVALID', {
          why: {
            en: 'it must be an https URL without a password and without a fragment',
            zh: '须为不含密码与片段的 https URL',
          },
        });
    }, ALWAYS)
    .describe('URL to which messages are posted, with https, on the public internet.');

const types = () =>
  setOf(
    pattern(/^[a-z][A-Za-z]{0,39}\.(\*|[a-z][A-Za-z]{0,39})$/, {
      en: 'an event is called like order.placed, and order.* stands for all that begin like this',
      zh: '事件名形如 order.placed，order.* 表示以此开头的全部事件',
    }),
    1,
    50,
  ).describe(
    'Events to send: names as in the feeds (`order.placed`), and `order.*` for all that begin like this, also later ones. All must be of types that the key may read. What was taken over from former systems (`order.imported`) is never sent.',
  );

const storeIds = () =>
  setOf(idOf('Store'), 0, 100).describe(
    'Only events of these stores; what happens in no store is then not sent. Empty: all that the key reaches.',
  );

const document = () =>
  text(1, 10_000).describe(
    'GraphQL query that is executed with the rights of the key for each message; its answer is the `data` of the message. It may declare the variable `$nodeId: ID!`, the id of the object that changed: `query ($nodeId: ID!) { node(id: $nodeId) { ... on Order { number state } } }`. At most 1,000 objects. Left out: no `data`.',
  );

const locale = () => oneOf('Locale', { en: 1, zh: 1 }).describe('Language of messages.');

export const webhookOpenInput = z.object({
  keyId: idOf('ApiKey')
    .optional()
    .describe('Key whose rights decide what is sent. Keys leave it out: it is their own.'),
  url: url(),
  types: types(),
  storeIds: storeIds().default([]),
  document: document().optional(),
  locale: locale().optional(),
});
export type WebhookOpen = z.output<typeof webhookOpenInput>;

export const webhookChangeInput = z
  .object({
    webhookId: webhookId().describe('Webhook to change.'),
    expectedVersion: expectedVersion(),
    url: url().optional(),
    types: types().optional(),
    storeIds: storeIds().optional(),
    document: document().optional(),
    withoutDocument: boolean()
      .optional()
      .describe('True: messages have no `data` any more. Not together with `document`.'),
    locale: locale().optional(),
  })
  .superRefine(({ document: given, withoutDocument }, context) => {
    if (given && withoutDocument)
      issue(
        context,
        'INVALID',
        { why: { en: 'give either a document or none', zh: '查询文档要么给出，要么不给' } },
        ['document'],
      );
  }, ALWAYS);
export type WebhookChange = z.output<typeof webhookChangeInput>;

export const webhookRotateInput = z.object({
  webhookId: webhookId().describe('Webhook that gets a new secret.'),
  overlapHours: overlapHours(),
});
export type WebhookRotate = z.output<typeof webhookRotateInput>;

export const webhookTestInput = z.object({
  webhookId: webhookId().describe('Webhook to which a message is sent, once and also while it is disabled.'),
  nodeId: z
    .string()
    .transform((value, context) => {
      const decoded = fromGlobalId(value);
      if (!decoded) issue(context, 'INVALID_ID', { type: 'Node' });
      return decoded ?? { type: '', id: '' };
    })
    .meta({ graphql: 'ID' })
    .optional()
    .describe('Object with which the document is executed. Default: the webhook itself.'),
});
export type WebhookTest = z.output<typeof webhookTestInput>;

const eventCursor = () =>
  z
    .string()
    .transform((value, context) => {
      const place = decodeCursor(value);
      if (!place) issue(context, 'INVALID', { why: { en: 'this is no event cursor', zh: '不是事件游标' } });
      return place ?? { epoch: '', seq: 0n, mark: '' };
    })
    .meta({ graphql: 'EventCursor' });

const oneSelection = {
  en: 'give either deliveries, or events, or a range',
  zh: '推送记录、事件与范围须且仅须给出其一',
};

export const webhookReplayInput = z
  .object({
    webhookId: webhookId().describe('Webhook to which is sent again.'),
    deliveryIds: setOf(idOf('WebhookDelivery'), 1, 100).optional().describe('Only these deliveries.'),
    cursors: list(eventCursor(), 1, 100).optional().describe('Only the events at these places.'),
    after: eventCursor()
      .optional()
      .describe(
        `Only events after this place, without it. One of more than ${KEPT_DAYS} days ago counts as one of then.`,
      ),
    until: eventCursor().optional().describe('Only events up to this place, with it.'),
    from: moment()
      .optional()
      .describe(
        `Only what happened at or after this moment. One of more than ${KEPT_DAYS} days ago counts as one of then.`,
      ),
    before: moment().optional().describe('Only what happened before this moment.'),
    includeDelivered: boolean()
      .default(false)
      .describe('For events and ranges. False: only what was not delivered, or never sent.'),
  })
  .superRefine(({ deliveryIds, cursors, after, until, from, before }, context) => {
    const isRange = [after, until, from, before].some((bound) => bound !== undefined);
    const given = [deliveryIds !== undefined, cursors !== undefined, isRange].filter(Boolean);
    if (given.length !== 1) issue(context, 'INVALID', { why: oneSelection }, ['deliveryIds']);
  }, ALWAYS);
export type WebhookReplay = z.output<typeof webhookReplayInput>;

export const webhookEnableInput = z.object({
  webhookId: webhookId().describe('Webhook that sends again.'),
});

export const webhookDisableInput = z.object({
  webhookId: webhookId().describe('Webhook that sends nothing any more.'),
  reason: text(1, 500).optional().describe('Why. Kept in the history of the webhook.'),
});
export type WebhookDisable = z.output<typeof webhookDisableInput>;

export const webhookArchiveInput = z.object({
  webhookId: webhookId().describe('Webhook that is not needed any more.'),
});

export const webhookWhere = z.object({
  partnerId: idOf('Partner').optional().describe('Only webhooks of this partner’s keys.'),
  keyId: idOf('ApiKey').optional().describe('Only webhooks of this key.'),
  states: list(oneOf('WebhookState', webhookStates), 0, 3)
    .optional()
    .describe('Only webhooks in one of these states; an empty list matches nothing.'),
});

export const webhookDeliveryWhere = z.object({
  webhookId: webhookId().optional().describe('Only deliveries to this webhook.'),
  states: list(oneOf('WebhookDeliveryState', webhookDeliveryStates), 0, 4)
    .optional()
    .describe('Only deliveries in one of these states; an empty list matches nothing.'),
  types: list(text(1, 60), 0, 50).optional().describe('Only events of these types: `order.placed`.'),
});

export const webhookEventFilter = z.object({
  webhookIds: list(webhookId(), 0, 100)
    .optional()
    .describe('Only these webhooks; an empty list matches nothing.'),
  states: list(oneOf('WebhookState', webhookStates), 0, 3)
    .optional()
    .describe('Only webhooks in one of these states; an empty list matches nothing.'),
});
