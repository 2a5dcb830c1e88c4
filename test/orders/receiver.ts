// Orders to a receiver who is known in full, their contacts as callers see them, and what happened to them.

import { expect } from 'vitest';
import type { App } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';
import { newKey } from '../setup/given.ts';
import { shopIn } from './shop.ts';

/** What is handed in with an order of these tests. */
const receiver = {
  contact: { name: '李雷', phone: '13812345678', email: 'lei.li@example.com' },
  address: {
    country: 'CN',
    region: '上海市',
    city: '上海市',
    district: '徐汇区',
    lines: ['漕溪北路 88 号', '1201 室'],
    postalCode: '200030',
  },
};
const { region, city, district } = receiver.address;

/** Its contact for those who may read it. */
export const clear = {
  ...receiver.contact,
  masked: false,
  erasedAt: null,
  address: receiver.address,
};
/** Its contact for all others. */
export const masked = {
  name: '李*',
  phone: '138****5678',
  email: 'l***@example.com',
  masked: true,
  erasedAt: null,
  address: { country: 'CN', region, city, district, lines: ['***', '***'], postalCode: null },
};
/** What is left of it once it was erased. */
export const erased = {
  name: '',
  phone: null,
  email: null,
  erasedAt: expect.any(String),
  address: { country: 'CN', region: null, city: '', district: null, lines: [], postalCode: null },
};

export const CONTACT =
  'contact { name phone email masked erasedAt address { country region city district lines postalCode } }';

/** A store whose orders all go to the receiver. */
export async function receiverIn(app: App) {
  const shop = shopIn(app);
  const at = await shop.open();
  const { variantId } = await shop.variant(at, [10_000]);
  return {
    shop,

    async ordered(by: Client = app.admin): Promise<{ id: string; number: string }> {
      const input = shop.orderInput(at.storeId, [{ variantId, quantity: 1 }], receiver);
      const selection = 'order { id number }';
      return (await by.act<{ order: { id: string; number: string } }>('orderPlace', input, selection)).order;
    },

    cancel: (orderId: string) =>
      app.admin.act('orderCancel', { idempotencyKey: newKey(), orderId, reason: 'DUPLICATE' }),

    async contactOf(orderId: string, by: Client): Promise<object> {
      const { node } = await by.ok<{ node: { contact: object } }>(
        `query ($id: ID!) { node(id: $id) { ... on Order { ${CONTACT} } } }`,
        { id: orderId },
      );
      return node.contact;
    },

    async timelineOf(orderId: string) {
      const { node } = await app.admin.ok<{ node: { timeline: { edges: { node: { type: string } }[] } } }>(
        `query ($id: ID!) { node(id: $id) { ... on Order { timeline(first: 100) { edges { node {
          type payload actor { nodeId } changes { field before after withheld } } } } } } }`,
        { id: orderId },
      );
      return node.timeline.edges.map((edge) => edge.node);
    },
  };
}
