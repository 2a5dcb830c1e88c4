// The ways on which recorded orders come in, told by the numbers of customers and invoices: always the same.

import { hashOf } from './goods.ts';
import type { Invoice } from './recording.ts';

/** Bought on the marketplace, ordered by telephone, or bought on the own site. */
export type Channel = 'MARKETPLACE' | 'TELEPHONE' | 'OWN_SITE';

const channels: readonly Channel[] = ['MARKETPLACE', 'TELEPHONE', 'OWN_SITE'];

type Buyer = Pick<Invoice, 'customerId' | 'number'>;

/** How the order of an invoice comes in. A customer keeps to one way; a guest is somebody else each time. */
export const channelOf = ({ customerId, number }: Buyer): Channel =>
  channels[hashOf(customerId ?? number) % channels.length] ?? 'TELEPHONE';

const oneIn = (count: number, text: string): boolean => hashOf(text) % count === 0;

/** Some customers of the own site have an account; not all, because each account costs a slow hash of its password. */
export const hasAccount = (customerId: string): boolean => oneIn(7, `account of ${customerId}`);

/** Some who buy on the own site without an account never pay. */
export const neverPays = (invoice: Buyer): boolean =>
  channelOf(invoice) === 'OWN_SITE' && invoice.customerId === null && oneIn(4, `money of ${invoice.number}`);

/** Some who order by telephone transfer the money; the others follow a link to the payment gateway. */
export const paysByTransfer = (reference: string): boolean => oneIn(3, `transfer of ${reference}`);

/** Payment gateways repeat a report whose answer they missed. */
export const isReportedTwice = (reference: string): boolean => oneIn(5, `report of ${reference}`);

export type PlatformState = 'PLACED' | 'PAID';

/** What the marketplace pushes of an order, in the order in which it arrives: also twice, and the older news last. */
const pushes: readonly (readonly PlatformState[])[] = [
  ['PAID'],
  ['PLACED', 'PAID'],
  ['PAID', 'PAID'],
  ['PAID', 'PLACED'],
];

export const pushesOf = (reference: string): readonly PlatformState[] =>
  pushes[hashOf(`pushes of ${reference}`) % pushes.length] ?? ['PAID'];
