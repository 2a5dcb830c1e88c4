// What happens to partners, their keys, connections and webhooks.

import { defineEvents } from '../core/events.ts';
import type { WebhookDisabledReason } from '../generated/prisma/enums.ts';

/** A key as people recognise it. */
interface OfKey {
  partnerNodeId: string;
  prefix: string;
  lastFour: string;
}

interface OfConnection {
  partnerNodeId: string;
  code: string;
}

interface OfWebhook {
  partnerNodeId: string;
  keyNodeId: string;
}

declare module '../core/events.ts' {
  interface EventMap {
    'partner.opened': { code: string };
    'partner.changed': { code: string };
    'partner.archived': { code: string };
    'key.issued': OfKey & { replacesNodeId: string | null };
    'key.rotated': OfKey & { replacedByNodeId: string };
    /** Without a reason of its own where the partner was archived. */
    'key.revoked': OfKey & { reason: string | null };
    'connection.opened': OfConnection;
    'connection.changed': OfConnection;
    'connection.rotated': OfConnection;
    'connection.archived': OfConnection;
    'webhook.opened': OfWebhook;
    'webhook.changed': OfWebhook;
    'webhook.rotated': OfWebhook;
    'webhook.tested': OfWebhook & { webhookDeliveryNodeId: string };
    'webhook.replayed': OfWebhook & { count: number };
    'webhook.enabled': OfWebhook;
    /** `failures` in a row, and since when; what somebody noted who disabled it by hand. */
    'webhook.disabled': OfWebhook & {
      reason: WebhookDisabledReason;
      failures: number;
      failingSince: string | null;
      note: string | null;
    };
    'webhook.archived': OfWebhook;
  }
}

defineEvents({
  type: 'Partner',
  read: 'partners.read',
  events: {
    'partner.opened': { en: 'Partner opened', zh: '新建合作伙伴' },
    'partner.changed': { en: 'Partner changed', zh: '合作伙伴变更' },
    'partner.archived': { en: 'Partner archived', zh: '合作伙伴停用' },
  },
});

defineEvents({
  type: 'ApiKey',
  read: 'keys.manage',
  events: {
    'key.issued': { en: 'Key issued', zh: '签发密钥' },
    'key.rotated': { en: 'Key replaced by another', zh: '密钥轮换' },
    'key.revoked': { en: 'Key revoked', zh: '密钥吊销', notes: ['reason'] },
  },
});

defineEvents({
  type: 'Connection',
  read: 'connections.manage',
  withheld: ['secret'],
  events: {
    'connection.opened': { en: 'Connection opened', zh: '新建对接' },
    'connection.changed': { en: 'Connection changed', zh: '对接变更' },
    'connection.rotated': { en: 'Secret of a connection replaced', zh: '对接密钥轮换' },
    'connection.archived': { en: 'Connection archived', zh: '对接停用' },
  },
});

defineEvents({
  type: 'Webhook',
  read: 'webhooks.manage',
  withheld: ['secret'],
  events: {
    'webhook.opened': { en: 'Webhook opened', zh: '新建 Webhook' },
    'webhook.changed': { en: 'Webhook changed', zh: 'Webhook 变更' },
    'webhook.rotated': { en: 'Secret of a webhook replaced', zh: 'Webhook 密钥轮换' },
    'webhook.tested': { en: 'Webhook tested', zh: '测试 Webhook' },
    'webhook.replayed': { en: 'Events sent again to a webhook', zh: 'Webhook 事件重发' },
    'webhook.enabled': { en: 'Webhook enabled', zh: '启用 Webhook' },
    'webhook.disabled': { en: 'Webhook disabled', zh: '停用 Webhook', notes: ['note'] },
    'webhook.archived': { en: 'Webhook archived', zh: '归档 Webhook' },
  },
});
