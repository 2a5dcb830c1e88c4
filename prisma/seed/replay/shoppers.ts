// Those who buy on the own site: customers with an account, registered when they first buy, and guests.

import { createHmac } from 'node:crypto';
import { type Api, apiAt, refusal } from './api.ts';
import { hasAccount } from './channels.ts';
import { receiverOf } from './customers.ts';
import type { PlannedOrder } from './plan.ts';
import type { Invoice } from './recording.ts';

export interface Shoppers {
  /** Whoever places this order, and comes back to pay it. */
  of(order: PlannedOrder): Promise<Api>;
}

/** `secret` is the password of the customers, and what tokens of guests are made of: the same in every run. */
export function makeShoppers(url: string, secret: string, signal?: AbortSignal): Shoppers {
  const customers = new Map<string, Promise<Api>>();
  return {
    async of({ reference, invoice }) {
      const { customerId } = invoice;
      if (customerId === null || !hasAccount(customerId))
        return apiAt(url, guestToken(secret, reference), signal);
      const api = customers.get(customerId) ?? enter(url, invoice, secret, signal);
      customers.set(customerId, api);
      return api;
    },
  };
}

/** A token that nobody can guess who does not know the secret. */
const guestToken = (secret: string, reference: string): string =>
  `ds_guest_${createHmac('sha256', secret).update(reference).digest('base64url')}`;

/** Register a customer, or log in one that an earlier run registered. */
async function enter(url: string, invoice: Invoice, password: string, signal?: AbortSignal): Promise<Api> {
  const visitor = apiAt(url, null, signal);
  const email = `customer-${invoice.customerId}@example.com`;
  const { name } = receiverOf(invoice, invoice.number).contact;
  const open = (mutation: string, input: object) =>
    visitor.act<{ token: string | null }>(mutation, input, 'token');
  let answer = await open('customerRegister', { name, email, password });
  if (answer.userErrors.some(({ code }) => code === 'ALREADY_EXISTS'))
    answer = await open('customerSessionOpen', { email, password });
  if (!answer.token) throw refusal(`entering as ${email}`, answer.userErrors);
  return apiAt(url, answer.token, signal);
}
