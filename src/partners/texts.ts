// What partners' things say to people, in every language.

import { defineErrors } from '../core/errors.ts';
import { defineTitles, defineTypeTitles } from '../core/texts.ts';

export const partnersProblem = defineErrors({
  UNKNOWN_SCOPE: {
    en: 'There is no permission and no set of permissions {name}.',
    zh: '不存在权限或权限集 {name}。',
  },
  KEY_REACHES_NOTHING: {
    en: 'A key that acts in no store and at no location can do nothing: give it stores, locations, or all of them.',
    zh: '密钥不涉及任何店铺或仓库，无法使用：请指定店铺、仓库或全部。',
  },
  PARTNER_ARCHIVED: { en: 'This partner is archived.', zh: '该合作伙伴已停用。' },
  PARTNER_CONNECTED: {
    en: 'This partner has {connections} connections: archive them first.',
    zh: '该合作伙伴仍有 {connections} 个对接，请先停用。',
  },
  CONNECTION_UNSUITABLE: {
    en: 'A partner of the kind «{partner}» has no connection for «{kind}».',
    zh: '“{partner}”类合作伙伴不能建立“{kind}”对接。',
  },
  KEY_ENDED: { en: 'This key is revoked or expired: issue another.', zh: '该密钥已吊销或过期，请另行签发。' },
  CONNECTION_ARCHIVED: { en: 'This connection is archived.', zh: '该对接已停用。' },
  URL_INSECURE: { en: 'The URL must begin with https.', zh: 'URL 必须以 https 开头。' },
  URL_NOT_PUBLIC: {
    en: 'The URL is not on the public internet: it is never called.',
    zh: '该 URL 不在公共互联网上，不会被调用。',
  },
  WEBHOOK_ARCHIVED: { en: 'This webhook is archived.', zh: '该 Webhook 已归档。' },
  WEBHOOK_LIMIT: {
    en: 'A key has at most {max} webhooks: archive one first.',
    zh: '一个密钥最多 {max} 个 Webhook，请先归档一个。',
  },
  UNKNOWN_EVENT_TYPE: {
    en: 'There is no event {type}, and none that begins like this.',
    zh: '不存在事件 {type}，也没有以此开头的事件。',
  },
  EVENT_BEYOND_KEY: {
    en: 'The key may not see {type}: {why}.',
    zh: '该密钥无权查看事件 {type}：{why}。',
  },
  DOCUMENT_INVALID: { en: 'The document is not valid: {why}', zh: '查询文档无效：{why}' },
  DOCUMENT_TOO_COSTLY: {
    en: 'The document asks for up to {objects} objects; {max} are allowed. Ask for fewer with first.',
    zh: '查询文档最多会读取 {objects} 个对象，上限为 {max} 个。请用 first 减少数量。',
  },
  DOCUMENT_BEYOND_KEY: {
    en: 'The key may not read {place}: it needs {permission}.',
    zh: '该密钥无权读取 {place}：需要 {permission}。',
  },
});

defineTypeTitles({
  ApiKey: { en: 'key', zh: '密钥' },
  Connection: { en: 'connection', zh: '对接' },
  Partner: { en: 'partner', zh: '合作伙伴' },
  Webhook: { en: 'webhook', zh: '事件推送（Webhook）' },
  WebhookAttempt: { en: 'attempt', zh: '推送尝试' },
  WebhookDelivery: { en: 'delivery', zh: '推送记录' },
});

export const partnerKinds = defineTitles('PartnerKind', {
  MARKETPLACE: { en: 'Marketplace', zh: '电商平台' },
  PAYMENT_GATEWAY: { en: 'Payment gateway', zh: '支付网关' },
  CARRIER: { en: 'Carrier', zh: '物流公司' },
  WAREHOUSE: { en: 'Warehouse', zh: '仓储服务商' },
  SUPPLIER: { en: 'Supplier', zh: '供应商' },
  ANALYTICS: { en: 'Analytics', zh: '数据分析' },
  OTHER: { en: 'Other', zh: '其他' },
});

export const connectionKinds = defineTitles('ConnectionKind', {
  PAYMENT: { en: 'Payments and refunds', zh: '支付与退款' },
  TRACKING: { en: 'Parcel tracking', zh: '物流跟踪' },
});

export const webhookStates = defineTitles('WebhookState', {
  ACTIVE: { en: 'Active', zh: '启用' },
  DISABLED: {
    en: 'Disabled: nothing is sent, and no new events are noted',
    zh: '停用：不推送，也不记录新事件',
  },
  ARCHIVED: { en: 'Archived', zh: '已归档' },
});

export const webhookDisabledReasons = defineTitles('WebhookDisabledReason', {
  BY_HAND: { en: 'Somebody disabled it', zh: '人工停用' },
  GONE: { en: 'The receiver answered 410', zh: '接收方返回 410' },
  FAILING: { en: 'At least 15 attempts in a row failed in 24 hours', zh: '24 小时内连续失败至少 15 次' },
  BACKLOG: { en: 'More than 100,000 deliveries waited', zh: '等待推送的记录超过 100,000 条' },
});

export const webhookDeliveryStates = defineTitles('WebhookDeliveryState', {
  PENDING: { en: 'Waits for its first or next attempt', zh: '等待推送或重试' },
  DELIVERED: { en: 'The receiver answered 2xx', zh: '已送达（接收方返回 2xx）' },
  FAILED: { en: 'Given up', zh: '已放弃' },
  WITHHELD: { en: 'Not sent: it may not be, or not any more', zh: '未推送（无权或不再推送）' },
});

export const webhookDeliveryReasons = defineTitles('WebhookDeliveryReason', {
  TRIES_OVER: { en: 'The last attempt failed', zh: '最后一次尝试失败' },
  GONE: { en: 'The receiver answered 410', zh: '接收方返回 410' },
  TOO_LARGE: { en: 'The message has more than 256 KiB', zh: '消息超过 256 KiB' },
  KEY_ENDED: { en: 'The key is revoked or expired', zh: '密钥已吊销或过期' },
  NOT_VISIBLE: { en: 'The key may not see the event', zh: '密钥无权查看该事件' },
  DOCUMENT_REFUSED: { en: 'The document asks for what the key may not read', zh: '查询文档超出密钥权限' },
  WEBHOOK_ARCHIVED: { en: 'The webhook is archived', zh: '该 Webhook 已归档' },
});

export const webhookAttemptFailures = defineTitles('WebhookAttemptFailure', {
  NOT_PUBLIC: { en: 'The host is not on the public internet', zh: '主机不在公共互联网上' },
  TIMED_OUT: { en: 'No answer within ten seconds', zh: '十秒内无应答' },
  UNTRUSTED: { en: 'No trusted TLS connection', zh: '无法建立可信的 TLS 连接' },
  UNREACHABLE: { en: 'No connection, or it broke', zh: '无法连接或连接中断' },
  NO_PAYLOAD: { en: 'The message could not be made', zh: '消息生成失败' },
});
