// Whom an order goes to and where: in clear for those who need it, masked for all others; revealing and erasing it.

import type { Actor } from '../../core/actor.ts';
import { db } from '../../core/db.ts';
import { maskEmail, maskName, maskPhone, maskText } from '../../core/masking.ts';
import { builder } from '../../graphql/builder.ts';
import { mutation } from '../../graphql/payload.ts';
import { orderScope, readsContact, seesOrder } from '../access.ts';
import { eraseContact, revealContact } from '../actions/contacts.ts';
import { contactEraseInput, contactRevealInput } from '../inputs/contacts.ts';

interface Person {
  order: Parameters<typeof readsContact>[1];
  /** True for the one that `contactReveal` answers. */
  revealed?: true;
}

const scope = { orderId: true, order: { select: orderScope } } as const;

const isClear = (person: Person, actor: Actor): boolean =>
  person.revealed === true || readsContact(actor, person.order);

/** A value as it is, or masked for those who need not know it. */
const shown = <Value extends string | null>(
  person: Person,
  actor: Actor,
  value: Value,
  mask: (text: string) => string,
): Value | string => (value === null || isClear(person, actor) ? value : mask(value));

const Address = builder.prismaObject('OrderPerson', {
  variant: 'OrderAddress',
  description: 'Where an order goes. Street and postal code are masked where the contact is.',
  select: scope,
  authScopes: (person, { actor }) => seesOrder(actor, person.order),
  fields: (t) => ({
    country: t.exposeString('country'),
    region: t.exposeString('region', { nullable: true }),
    city: t.exposeString('city'),
    district: t.exposeString('district', { nullable: true }),
    lines: t.stringList({
      description: 'Street, house number and what follows, one entry a line. Masked line by line.',
      select: { lines: true },
      resolve: (person, _args, { actor }) => person.lines.map((line) => shown(person, actor, line, maskText)),
    }),
    postalCode: t.string({
      nullable: true,
      description: 'Postal code. Null where the contact is masked.',
      select: { postalCode: true },
      resolve: (person, _args, { actor }) => (isClear(person, actor) ? person.postalCode : null),
    }),
  }),
});

export const Contact = builder.prismaObject('OrderPerson', {
  variant: 'OrderContact',
  description:
    'Whom an order goes to. Personal data: in clear for the shopper who ordered and for those with `contacts.read`; masked for all others, who reveal it with `contactReveal`.',
  select: scope,
  authScopes: (person, { actor }) => seesOrder(actor, person.order),
  fields: (t) => ({
    name: t.string({
      description: 'Name of the receiver. Masked: `张*`. Empty once it was erased.',
      select: { name: true },
      resolve: (person, _args, { actor }) => shown(person, actor, person.name, maskName),
    }),
    phone: t.string({
      nullable: true,
      description: 'Phone number as it was given. Masked: `138****1234`.',
      select: { phone: true },
      resolve: (person, _args, { actor }) => shown(person, actor, person.phone, maskPhone),
    }),
    email: t.string({
      nullable: true,
      description: 'E-mail address. Masked: `a***@x.com`.',
      select: { email: true },
      resolve: (person, _args, { actor }) => shown(person, actor, person.email, maskEmail),
    }),
    address: t.variant(Address, { description: 'Where the order goes.' }),
    masked: t.boolean({
      description: 'True when not all is shown: to this caller, or because a marketplace gave no more.',
      select: { masked: true },
      resolve: (person, _args, { actor }) => person.masked || !isClear(person, actor),
    }),
    erasedAt: t.expose('erasedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was erased; null while it is kept.',
    }),
  }),
});

mutation('contactReveal', {
  description:
    'Show the contact of one order in clear, for a reason that is kept with the caller’s name in the order’s history. Refused with NOT_FOUND, CONTACT_ERASED.',
  scope: 'contacts.reveal',
  input: contactRevealInput,
  returns: 'Order',
  run: revealContact,
  payload: (t) => ({
    contact: t.prismaField({
      type: Contact,
      nullable: true,
      description: 'The contact in clear; null when it was refused.',
      resolve: async (query, { result }) => {
        const selected = { ...query };
        const person =
          result && (await db.orderPerson.findUnique({ ...selected, where: { orderId: result.id } }));
        return person && { ...person, revealed: true };
      },
    }),
  }),
});

mutation('contactErase', {
  description:
    'Erase whom a completed or cancelled order went to, for good. Refused with NOT_FOUND, ILLEGAL_STATE.',
  scope: 'contacts.erase',
  input: contactEraseInput,
  returns: 'Order',
  run: eraseContact,
});
