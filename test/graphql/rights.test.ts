// Every root field × every kind of caller: who is let in, who is not, and that a denied mutation changed nothing.

import type { GraphQLFormattedError } from 'graphql';
import { beforeAll, describe, expect, test } from 'vitest';
import { shopperPermissions } from '../../src/core/actor.ts';
import { newId } from '../../src/core/ids.ts';
import { linkTo } from '../../src/identity/rules.ts';
import { startApp } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';
import { clock } from '../setup/clock.ts';
import { operationOf, type RootField, rootFields } from '../setup/schema.ts';
import type { Stream } from '../setup/stream.ts';

const app = await startApp({ env: { BACKGROUND: 'off' } });
const { admin, anonymous, given } = app;
const fields = rootFields();
const named = fields.filter(({ rule }) => !['public', 'internal', 'shopper'].includes(rule ?? ''));
const shoppers = shopperPermissions();

interface Caller {
  name: string;
  /** Who calls a field with this rule. */
  client(rule: string): Client;
  /** Whether fields with this rule, which is not public, let the caller in. */
  may(rule: string): boolean;
}

const guest = given.guest();
const linked = app.clientFor(linkTo(newId(), clock.now()));
let customer: Client;
/** Somebody without any permission, and for each permission somebody with all but that one and with it alone. */
let nobody: Client;
const withAllBut = new Map<string, Client>();
const withOnly = new Map<string, Client>();
/** The same for keys. One without any permission is not issued; this one has a permission that fields do not ask for. */
let idleKey: Client;
const keysWithAllBut = new Map<string, Client>();
const keysWithOnly = new Map<string, Client>();

const ofShoppers = (rule: string) => rule === 'shopper' || shoppers.has(rule);
const ofTheDepartment = (rule: string) => rule === 'internal';

const callers: readonly Caller[] = [
  { name: 'nobody known', client: () => anonymous, may: () => false },
  { name: 'a guest', client: () => guest, may: ofShoppers },
  { name: 'a customer', client: () => customer, may: ofShoppers },
  { name: 'who holds a link', client: () => linked, may: (rule) => rule === 'shopper' },
  { name: 'staff without permissions', client: () => nobody, may: ofTheDepartment },
  {
    name: 'staff with every other permission',
    client: (rule) => withAllBut.get(rule) ?? nobody,
    may: ofTheDepartment,
  },
  {
    name: 'staff with its permission alone',
    client: (rule) => withOnly.get(rule) ?? nobody,
    may: (rule) => rule !== 'shopper',
  },
  {
    name: 'a key with every other permission',
    client: (rule) => keysWithAllBut.get(rule) ?? idleKey,
    may: ofTheDepartment,
  },
  {
    name: 'a key with its permission alone',
    client: (rule) => keysWithOnly.get(rule) ?? idleKey,
    may: (rule) => rule !== 'shopper',
  },
];

beforeAll(async () => {
  customer = await given.customer();
  nobody = await given.staff({ permissions: [] });
  const { permissions } = await admin.ok<{ permissions: { name: string }[] }>('{ permissions { name } }');
  const names = permissions.map(({ name }) => name);
  for (const name of new Set(named.map(({ rule }) => rule ?? ''))) {
    withAllBut.set(name, await given.staff({ permissions: names.filter((other) => other !== name) }));
    withOnly.set(name, await given.staff({ permissions: [name] }));
  }
  const partner = await given.partner();
  idleKey = await given.key({ partner, scopes: ['products.read'] });
  for (const name of withOnly.keys()) {
    keysWithAllBut.set(name, await given.key({ partner, scopes: names.filter((other) => other !== name) }));
    keysWithOnly.set(name, await given.key({ partner, scopes: [name] }));
  }
}, 120_000);

/** With what a field refuses a caller whom it does not let in: the code, and the permission that is missing. */
function expectedOf({ name }: Caller, rule: string): object {
  if (name === 'nobody known') return { code: 'UNAUTHENTICATED' };
  const isNamed = rule !== 'internal' && rule !== 'shopper';
  return { code: 'FORBIDDEN', ...(isNamed ? { requiredPermission: rule } : {}) };
}

/** Code and extensions of the refusal on the way in, or null when the caller was let in. */
async function refusalOf(client: Client, field: RootField): Promise<Record<string, unknown> | null> {
  const { document, variables } = operationOf(field);
  const errors = await (field.kind === 'subscription'
    ? startOf(client.subscribe(document, variables))
    : client.run(document, variables).then((answer) => answer.errors));
  const refusal = errors.find(({ extensions }) =>
    ['UNAUTHENTICATED', 'FORBIDDEN'].includes(String(extensions?.code)),
  );
  const unexpected = errors.find(
    ({ extensions }) => extensions?.code === 'INTERNAL' || extensions?.code === 'BAD_REQUEST',
  );
  if (unexpected) throw new Error(`${document} ${JSON.stringify(variables)}: ${JSON.stringify(unexpected)}`);
  return refusal?.extensions ?? null;
}

/** The errors with which a stream starts, if it does. */
async function startOf(stream: Stream<unknown>): Promise<readonly GraphQLFormattedError[]> {
  await stream.next().catch(() => {});
  await stream.close();
  return stream.errors;
}

/** How much has happened in the department: events told, relayed or not, and calls remembered. */
const history = async () =>
  app.sql(`SELECT (SELECT count(*) FROM event_outbox) + (SELECT seq FROM event_head) AS events,
    (SELECT count(*) FROM idempotency_record) AS calls`);

for (const caller of callers) {
  const rowsOf = (isIn: boolean) =>
    fields
      .filter(({ rule }) => (rule === 'public' || caller.may(rule ?? '')) === isIn)
      .map((field) => [`${field.kind} ${field.name}`, field] as const);

  describe(`G35 ${caller.name}`, () => {
    test.each(rowsOf(true))('is let in by %s', async (_, field) => {
      expect(await refusalOf(caller.client(field.rule ?? ''), field)).toBeNull();
    });

    test.each(rowsOf(false))('is refused by %s, which changes nothing', async (_, field) => {
      const rule = field.rule ?? '';
      const before = await history();
      expect(await refusalOf(caller.client(rule), field)).toEqual(expectedOf(caller, rule));
      expect(await history()).toEqual(before);
    });
  });
}

/** Permissions that no field asks for, each with what it opens instead. */
const behindFields: Readonly<Record<string, string>> = {
  'contacts.read': 'personal data unmasked',
  'orders.credit': 'the terms CREDIT of `orderPlace`',
  'products.read': 'products that are not published',
  'staff.read': 'staff other than oneself',
};

test('G35 C49 every permission belongs to a field, or to what lies behind one', async () => {
  const { permissions } = await admin.ok<{ permissions: { name: string }[] }>('{ permissions { name } }');
  const used = new Set(named.map(({ rule }) => rule));
  const idle = permissions.map(({ name }) => name).filter((name) => !used.has(name) && !behindFields[name]);
  expect(idle).toEqual([]);
});
