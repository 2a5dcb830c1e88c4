// What callers hand in about customers, their addresses and sessions.

import { z } from 'zod';
import {
  ALWAYS,
  boolean,
  email,
  expectedVersion,
  externalReference,
  idOf,
  issue,
  moment,
  oneOf,
  text,
} from '../../core/inputs.ts';
import { checkReceiverPhone, phone, postalAddress, receiverPhone } from '../../core/postal-address.ts';
import { customerStates } from '../texts.ts';
import { locale, newPassword, password } from './accounts.ts';

export const customerRegisterInput = z.object({
  name: text(1, 100).describe('Name of the customer.'),
  email: email().describe('E-mail address to log in with. Unique.'),
  password: newPassword().describe('Password to log in with.'),
  phone: phone().optional().describe('Phone number.'),
  locale: locale()
    .optional()
    .describe(
      'Language in which the customer is answered where a request names none. Default: that of the request.',
    ),
});
export type CustomerRegister = z.output<typeof customerRegisterInput>;

export const customerChangeInput = z
  .object({
    customerId: idOf('Customer').describe('Whom to change.'),
    expectedVersion: expectedVersion(),
    name: text(1, 100).optional().describe('New name.'),
    phone: phone().optional().describe('New phone number.'),
    withoutPhone: boolean().optional().describe('True: no phone number any more.'),
    locale: locale().optional(),
  })
  .superRefine((input, context) => {
    if (input.withoutPhone && input.phone) {
      issue(
        context,
        'INVALID',
        {
          why: {
            en: 'give a phone number or withoutPhone, not both',
            zh: '电话号码与 withoutPhone 只能填写一项',
          },
        },
        ['withoutPhone'],
      );
    }
  }, ALWAYS);
export type CustomerChange = z.output<typeof customerChangeInput>;

export const customerEraseInput = z.object({
  customerId: idOf('Customer').describe('Whose data are erased.'),
  password: password().optional().describe('Password of the customer, who erases their own data.'),
  reason: text(1, 1_000)
    .optional()
    .describe('Why, where staff erase. Kept in the audit log, which is never erased: no names here.'),
});
export type CustomerErase = z.output<typeof customerEraseInput>;

export const customerSessionRevokeInput = z.object({
  customerSessionId: idOf('CustomerSession').describe('Session to end.'),
});

export const customerAddressKeepInput = z
  .object({
    customerAddressId: idOf('CustomerAddress')
      .optional()
      .describe('Address to replace. Without it one is added.'),
    name: text(1, 100).describe('Name of the receiver.'),
    phone: receiverPhone().optional(),
    address: postalAddress.describe('Where things are sent.'),
    preferred: boolean()
      .optional()
      .describe(
        'True: offered first, in place of the one that was. Default: as it was; false for one that is added.',
      ),
  })
  .superRefine(
    ({ phone: given, address }, context) => checkReceiverPhone(context, given, address.country, ['phone']),
    ALWAYS,
  );
export type CustomerAddressKeep = z.output<typeof customerAddressKeepInput>;

export const customerAddressDropInput = z.object({
  customerAddressId: idOf('CustomerAddress').describe('Address that is not kept any more.'),
});

export const customerUpsertInput = z.object({
  externalReference: externalReference().describe(
    'The caller’s own number for this customer, by which they are known again. Unique among those of a partner, and among those of the department.',
  ),
  name: text(1, 100).describe('Name of the customer.'),
  phone: phone().optional().describe('Phone number; left out, the one that is known stays.'),
  locale: locale().optional().describe('Language of the texts the customer is shown.'),
});
export type CustomerUpsert = z.output<typeof customerUpsertInput>;

export const customerWhere = z
  .object({
    state: oneOf('CustomerState', customerStates).optional().describe('Only customers in this state.'),
    externalReference: text(1, 128)
      .optional()
      .describe('Only customers whom a caller’s system, or imported orders, call by this number.'),
    email: email().optional().describe('Only the customer with this e-mail address. Needs `contacts.read`.'),
    phone: phone().optional().describe('Only customers with this phone number. Needs `contacts.read`.'),
    createdFrom: moment().optional().describe('Only accounts made at or after this moment.'),
    createdBefore: moment().optional().describe('Only accounts made before this moment.'),
  })
  .superRefine(({ createdFrom, createdBefore }, context) => {
    if (createdFrom && createdBefore && createdFrom >= createdBefore) {
      issue(
        context,
        'INVALID',
        {
          why: {
            en: 'createdBefore must be later than createdFrom',
            zh: 'createdBefore 必须晚于 createdFrom',
          },
        },
        ['createdBefore'],
      );
    }
  }, ALWAYS);
export type CustomerWhere = z.output<typeof customerWhere>;
