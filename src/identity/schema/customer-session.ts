// How customers get an account, log in and out, and change their password.

import { builder } from '../../graphql/builder.ts';
import { mutation } from '../../graphql/payload.ts';
import { seesCustomerSession } from '../access.ts';
import {
  changeCustomerPassword,
  checkCustomerLogin,
  checkCustomerPassword,
  openCustomerSession,
  revokeCustomerSession,
} from '../actions/customer-sessions.ts';
import { prepareCustomer, registerCustomer } from '../actions/customers.ts';
import { credentialsInput, passwordChangeInput } from '../inputs/accounts.ts';
import { customerRegisterInput, customerSessionRevokeInput } from '../inputs/customers.ts';
import { openedFields, sessionFields } from './session-fields.ts';

builder.prismaNode('CustomerSession', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: (session, { actor }) => seesCustomerSession(actor, session),
  select: { id: true, customerId: true },
  fields: (t) => ({
    ...sessionFields(t),
  }),
});

mutation('customerRegister', {
  description:
    'Make an account for oneself and log in. Public. Refused with ALREADY_EXISTS, or LOGIN_THROTTLED (type `LoginThrottled`) after too many attempts.',
  scope: 'public',
  input: customerRegisterInput,
  prepare: prepareCustomer,
  run: registerCustomer,
  payload: openedFields,
});

mutation('customerSessionOpen', {
  description:
    'Log in as a customer. Public. Beyond 20 live sessions of a customer the oldest ends. Refused with LOGIN_FAILED, or LOGIN_THROTTLED (type `LoginThrottled`) after too many attempts.',
  scope: 'public',
  input: credentialsInput,
  prepare: checkCustomerLogin,
  run: openCustomerSession,
  payload: openedFields,
});

mutation('customerSessionRevoke', {
  description: 'End one of one’s own sessions and its open streams. Refused with NOT_FOUND.',
  scope: 'shopper',
  input: customerSessionRevokeInput,
  run: (tx, actor, input, at) => revokeCustomerSession(tx, actor, input.customerSessionId, at),
  returns: 'CustomerSession',
});

mutation('customerPasswordChange', {
  description:
    'Set one’s own password; all other sessions end. Refused with LOGIN_FAILED, LOGIN_THROTTLED (type `LoginThrottled`).',
  scope: 'shopper',
  input: passwordChangeInput,
  prepare: checkCustomerPassword,
  run: changeCustomerPassword,
  returns: 'Customer',
});
