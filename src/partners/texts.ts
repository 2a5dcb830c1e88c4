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
});

defineTypeTitles({
  ApiKey: { en: 'key', zh: '密钥' },
  Connection: { en: 'connection', zh: '对接' },
  Partner: { en: 'partner', zh: '合作伙伴' },
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
