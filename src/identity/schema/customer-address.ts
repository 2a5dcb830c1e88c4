// Addresses that customers keep.

import { maskName, maskPhone, maskText } from '../../core/masking.ts';
import { builder } from '../../graphql/builder.ts';
import { mutation } from '../../graphql/payload.ts';
import { seesCustomer, seesUnmasked } from '../access.ts';
import { dropAddress, keepAddress } from '../actions/customer-addresses.ts';
import { customerAddressDropInput, customerAddressKeepInput } from '../inputs/customers.ts';

builder.prismaNode('CustomerAddress', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: ({ customerId }, { actor }) => seesCustomer(actor, { id: customerId }),
  select: { id: true, customerId: true },
  fields: (t) => ({
    customer: t.relation('customer', { description: 'Whose address it is.' }),
    name: t.string({
      description: 'Name of the receiver.',
      select: { name: true },
      resolve: ({ customerId, name }, _args, { actor }) =>
        seesUnmasked(actor, { id: customerId }) ? name : maskName(name),
    }),
    phone: t.string({
      nullable: true,
      description: 'Phone number of the receiver as it was given.',
      select: { phone: true },
      resolve: ({ customerId, phone }, _args, { actor }) =>
        phone === null || seesUnmasked(actor, { id: customerId }) ? phone : maskPhone(phone),
    }),
    country: t.exposeString('country'),
    region: t.exposeString('region', { nullable: true }),
    city: t.exposeString('city'),
    district: t.exposeString('district', { nullable: true }),
    lines: t.stringList({
      description: 'Street, house number and what follows, one entry a line.',
      select: { lines: true },
      resolve: ({ customerId, lines }, _args, { actor }) =>
        seesUnmasked(actor, { id: customerId }) ? lines : lines.map(maskText),
    }),
    postalCode: t.string({
      nullable: true,
      description: 'Postal code; null where it is masked.',
      select: { postalCode: true },
      resolve: ({ customerId, postalCode }, _args, { actor }) =>
        seesUnmasked(actor, { id: customerId }) ? postalCode : null,
    }),
    masked: t.boolean({
      description: 'True when receiver, street and postal code are shown in part or not at all.',
      resolve: ({ customerId }, _args, { actor }) => !seesUnmasked(actor, { id: customerId }),
    }),
    preferred: t.exposeBoolean('preferred'),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the address was added.' }),
  }),
});

mutation('customerAddressKeep', {
  description:
    'Add an address to one’s own, or replace one as a whole. Refused with COUNTRY_UNKNOWN, POSTAL_CODE_INVALID, PHONE_INVALID, NOT_FOUND, ADDRESS_LIMIT; guests with NOT_PERMITTED.',
  scope: 'shopper',
  input: customerAddressKeepInput,
  run: keepAddress,
  returns: 'CustomerAddress',
});

mutation('customerAddressDrop', {
  description: 'Drop one of one’s own addresses. Refused with NOT_FOUND; guests with NOT_PERMITTED.',
  scope: 'shopper',
  input: customerAddressDropInput,
  run: (tx, actor, input, at) => dropAddress(tx, actor, input.customerAddressId, at),
  returns: 'Customer',
});
