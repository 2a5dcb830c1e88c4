// Customers as the world sees them: themselves in full, staff as far as their posts need.

import type { Actor } from '../../core/actor.ts';
import { can } from '../../core/actor.ts';
import { db } from '../../core/db.ts';
import { problem } from '../../core/errors.ts';
import { maskEmail, maskName, maskPhone } from '../../core/masking.ts';
import { badInput, builder, enumType } from '../../graphql/builder.ts';
import { list, nestedList } from '../../graphql/connection.ts';
import { mutation } from '../../graphql/payload.ts';
import { timeline } from '../../graphql/timeline.ts';
import {
  calledBy,
  seesCustomer,
  seesReference,
  seesUnmasked,
  visibleCustomerSessions,
  visibleCustomers,
} from '../access.ts';
import { changeCustomer, checkErasure, eraseCustomer } from '../actions/customers.ts';
import { upsertCustomer } from '../actions/upsert-customer.ts';
import {
  type CustomerWhere,
  customerChangeInput,
  customerEraseInput,
  customerUpsertInput,
  customerWhere,
} from '../inputs/customers.ts';
import { customerStates } from '../texts.ts';

const CustomerState = enumType('CustomerState', 'Whether a customer can log in.', customerStates);

builder.prismaNode('Customer', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: (customer, { actor }) => seesCustomer(actor, customer),
  select: { id: true },
  fields: (t) => ({
    state: t.expose('state', { type: CustomerState, description: 'Whether the customer can log in.' }),
    name: t.string({
      description: 'Name of the customer; empty once erased, and of one who only came with imported orders.',
      select: { person: { select: { name: true } } },
      resolve: (customer, _args, { actor }) => {
        const name = customer.person?.name ?? '';
        return seesUnmasked(actor, customer) ? name : maskName(name);
      },
    }),
    email: t.string({
      nullable: true,
      description: 'E-mail address to log in with; null once erased, and for one who cannot log in.',
      select: { person: { select: { email: true } } },
      resolve: (customer, _args, { actor }) => {
        const email = customer.person?.email ?? null;
        return email === null || seesUnmasked(actor, customer) ? email : maskEmail(email);
      },
    }),
    phone: t.string({
      nullable: true,
      description: 'Phone number in international form; null without one.',
      select: { person: { select: { phone: true } } },
      resolve: (customer, _args, { actor }) => {
        const phone = customer.person?.phone ?? null;
        return phone === null || seesUnmasked(actor, customer) ? phone : maskPhone(phone);
      },
    }),
    masked: t.boolean({
      description:
        'True when name, e-mail address, phone number and addresses are shown in part: unmasked they need `contacts.read`.',
      resolve: (customer, _args, { actor }) => !seesUnmasked(actor, customer),
    }),
    externalReference: t.string({
      nullable: true,
      description:
        'The number by which the customer is known to whoever keeps them, or imported their orders. Null for all but colleagues and the programs of the partner whose number it is.',
      select: { externalReference: true, partnerId: true },
      resolve: (customer, _args, { actor }) =>
        seesReference(actor, customer) ? customer.externalReference : null,
    }),
    locale: t.exposeString('locale'),
    addresses: nestedList(t, {
      type: 'CustomerAddress',
      description: 'Addresses that the customer keeps, oldest first; at most 20.',
      relation: 'addresses',
      ordering: [
        ['createdAt', 'asc'],
        ['id', 'asc'],
      ],
      count: ({ id }) => db.customerAddress.count({ where: { customerId: id } }),
    }),
    sessions: nestedList(t, {
      type: 'CustomerSession',
      description: 'Logins of the customer, newest first. Nobody else sees them.',
      relation: 'sessions',
      ordering: [
        ['createdAt', 'desc'],
        ['id', 'desc'],
      ],
      filter: visibleCustomerSessions,
      count: ({ id }, actor) =>
        db.customerSession.count({ where: { AND: [{ customerId: id }, visibleCustomerSessions(actor)] } }),
    }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description: 'When the customer registered, was added or imported.',
    }),
    erasedAt: t.expose('erasedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the personal data were erased.',
    }),
    timeline: timeline(t),
    version: t.exposeInt('version'),
  }),
});

builder.queryField('viewerCustomer', (t) =>
  t.prismaField({
    type: 'Customer',
    nullable: true,
    description: 'The customer behind the session of this request; null for everybody else.',
    authScopes: { public: true },
    resolve: (query, _root, _args, { actor }) => {
      const selected = { ...query };
      return actor.kind === 'CUSTOMER'
        ? db.customer.findUnique({ ...selected, where: { id: actor.id ?? '' } })
        : null;
    },
  }),
);

list('customers', {
  type: 'Customer',
  description: 'Customers with an account.',
  scope: 'customers.read',
  where: customerWhere,
  orderings: {
    NEWEST: [
      ['createdAt', 'desc'],
      ['id', 'desc'],
    ],
  },
  orderingTitles: { NEWEST: { en: 'Newest first', zh: '最新优先' } },
  filter: (actor, where) => ({ AND: [visibleCustomers(actor), whereOf(actor, where ?? {})] }),
  find: (query) => db.customer.findMany(query),
  count: (query) => db.customer.count(query),
});

const contactFilterText = {
  en: 'Filters by contact need the permission contacts.read.',
  zh: '按联系信息筛选需要权限 contacts.read。',
};

/** What is asked for. Who reads contacts masked could guess them from the answers to a filter, and so has none. */
function whereOf(
  actor: Actor,
  { state, externalReference, email, phone, createdFrom, createdBefore }: CustomerWhere,
) {
  const contact = { ...(email ? { email } : {}), ...(phone ? { phone } : {}) };
  const guesses = can(actor, 'contacts.read') ? [] : Object.keys(contact);
  if (guesses.length > 0) {
    const problems = guesses.map((field) => problem('NOT_PERMITTED', { path: ['where', field] }));
    throw badInput(contactFilterText, problems);
  }
  return {
    ...(state ? { state } : {}),
    ...(externalReference ? calledBy(actor, externalReference) : {}),
    ...(email || phone ? { person: contact } : {}),
    createdAt: {
      ...(createdFrom ? { gte: createdFrom } : {}),
      ...(createdBefore ? { lt: createdBefore } : {}),
    },
  };
}

mutation('customerChange', {
  description:
    'Change a customer’s name, phone number and language: one’s own, or anybody’s for staff. Keys are refused with NOT_PERMITTED. Refused with NOT_FOUND, STALE_VERSION, ILLEGAL_STATE.',
  scope: 'customers.manage',
  input: customerChangeInput,
  run: changeCustomer,
  returns: 'Customer',
});

mutation('customerUpsert', {
  description:
    'Upsert a customer as the caller’s own system knows them: added, without a login, where `externalReference` is new, else changed. Repeating it changes nothing. Partners have customers of their own. Refused with ILLEGAL_STATE one who was erased.',
  scope: 'customers.upsert',
  input: customerUpsertInput,
  run: upsertCustomer,
  returns: 'Customer',
});

mutation('customerErase', {
  description:
    'Erase what is known of a customer as a person, for ever; every session ends. Customers erase themselves with their password, staff anybody with a reason. Keys are refused with NOT_PERMITTED. Refused with REQUIRED, LOGIN_FAILED, LOGIN_THROTTLED (type `LoginThrottled`), NOT_FOUND, OPEN_ORDERS.',
  scope: 'customers.erase',
  input: customerEraseInput,
  prepare: checkErasure,
  run: eraseCustomer,
  returns: 'Customer',
});
