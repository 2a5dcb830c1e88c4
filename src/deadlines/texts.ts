// What deadlines say to people, in every language.

import { defineTitles, type Text } from '../core/texts.ts';
import type { DeadlineState } from '../generated/prisma/enums.ts';

/** What must have happened by a deadline, by its kind. Kinds are only added: rows keep them for years. */
const deadlineKinds = defineTitles('DeadlineKind', {
  'order.payment': { en: 'Pay the order', zh: '付款' },
  'order.confirmation': { en: 'Confirm the order', zh: '订单确认' },
  'order.completion': { en: 'Complete the order', zh: '订单完成' },
  'order.credit': { en: 'Pay the credit', zh: '赊账付款' },
});

export type DeadlineKind = keyof typeof deadlineKinds;

const titles: Readonly<Record<string, Text | undefined>> = deadlineKinds;

/** The title of a kind; the kind itself when it is one of another version of Dayshift. */
export const titleOfKind = (kind: string): Text => titles[kind] ?? { en: kind, zh: kind };

export const deadlineStates = defineTitles('DeadlineState', {
  RUNNING: { en: 'Running', zh: '进行中' },
  PAUSED: { en: 'Paused', zh: '已暂停' },
  MET: { en: 'Met', zh: '已完成' },
  BREACHED: { en: 'Breached', zh: '已超时' },
  CANCELLED: { en: 'Cancelled', zh: '已取消' },
} satisfies Record<DeadlineState, Text>);
