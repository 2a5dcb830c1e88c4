// When the contact of an order may be erased, and how its phone number may be spelled. Pure: no database, no clock.

import { parsePhoneNumberFromString } from 'libphonenumber-js';
import { type Problem, problem } from '../../core/errors.ts';
import type { OrderState } from '../../generated/prisma/enums.ts';
import { orderStates } from '../texts.ts';

/** States of orders that go nowhere any more: nobody needs to know whom they went to. */
export const overStates: readonly OrderState[] = ['COMPLETED', 'CANCELLED'];

/** Why the contact of an order must stay; none when it may be erased. */
export const erasureProblems = ({ state }: { state: OrderState }): Problem[] =>
  overStates.includes(state)
    ? []
    : [problem('ILLEGAL_STATE', { path: ['orderId'], params: { state: orderStates[state] } })];

const digitsOf = (text: string): string => text.replace(/\D/g, '');

/**
 * The digits by which a phone number may have been given: as it is, with its country code, and as dialled in its
 * country. Nothing for a text without digits.
 */
export function phoneSpellings(phone: string): string[] {
  const number = parsePhoneNumberFromString(phone, 'CN');
  const known = number?.isValid()
    ? [number.number, `00${number.number}`, number.nationalNumber, number.formatNational()]
    : [];
  return [...new Set([phone, ...known].map(digitsOf))].filter((digits) => digits !== '');
}
