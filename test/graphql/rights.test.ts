// Every root field × every kind of caller: who is let in, who is not, and that a denied mutation changed nothing.

import type { GraphQLFormattedError } from 'graphql';
import { beforeAll, describe, expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';
import { operationOf, type RootField, rootFields } from '../setup/schema.ts';
import type { Stream } from '../setup/stream.ts';

const app = await startApp();
const { admin, anonymous, given } = app;
const fields = rootFields();
const title = (field: RootField) => [`${field.kind} ${field.name}`, field] as const;
const guarded = fields.filter(({ rule }) => rule !== 'public' && rule !== 'signedIn');
const signedIn = fields.filter(({ rule }) => rule === 'signedIn');
const open = fields.filter(({ rule }) => rule === 'public');

/** Somebody without any permission, and for each permission somebody with all but that one. */
let nobody: Client;
const withAllBut = new Map<string, Client>();
const withOnly = new Map<string, Client>();

beforeAll(async () => {
  nobody = await given.staff({ permissions: [] });
  const { permissions } = await admin.ok<{ permissions: { name: string }[] }>('{ permissions { name } }');
  const names = permissions.map(({ name }) => name);
  for (const name of new Set(guarded.map(({ rule }) => rule ?? ''))) {
    withAllBut.set(name, await given.staff({ permissions: names.filter((other) => other !== name) }));
    withOnly.set(name, await given.staff({ permissions: [name] }));
  }
}, 120_000);

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

describe('G35 without a session or a key', () => {
  test.each([...guarded, ...signedIn].map(title))(
    '%s is refused with UNAUTHENTICATED and changes nothing',
    async (_, field) => {
      const before = await history();
      expect(await refusalOf(anonymous, field)).toEqual({ code: 'UNAUTHENTICATED' });
      expect(await history()).toEqual(before);
    },
  );

  test.each(open.map(title))('%s is open', async (_, field) => {
    expect(await refusalOf(anonymous, field)).toBeNull();
  });
});

describe('G35 with a session', () => {
  test.each(guarded.map(title))(
    '%s is refused with FORBIDDEN to those without its permission, which is named, and changes nothing',
    async (_, field) => {
      const before = await history();
      for (const client of [nobody, withAllBut.get(field.rule ?? '')]) {
        if (!client) throw new Error(`nobody lacks ${field.rule}`);
        expect(await refusalOf(client, field)).toEqual({ code: 'FORBIDDEN', requiredPermission: field.rule });
      }
      expect(await history()).toEqual(before);
    },
  );

  test.each(guarded.map(title))('%s lets those in who have its permission and no other', async (_, field) => {
    const client = withOnly.get(field.rule ?? '');
    if (!client) throw new Error(`nobody has ${field.rule}`);
    expect(await refusalOf(client, field)).toBeNull();
  });

  test.each([...signedIn, ...open].map(title))('%s lets everybody in', async (_, field) => {
    expect(await refusalOf(nobody, field)).toBeNull();
  });
});

test('G35 C49 every permission belongs to a field, or to a list of those that only open rows', async () => {
  const { permissions } = await admin.ok<{ permissions: { name: string }[] }>('{ permissions { name } }');
  const used = new Set(guarded.map(({ rule }) => rule));
  const idle = permissions.map(({ name }) => name).filter((name) => !used.has(name));
  expect(idle).toEqual(['products.read', 'staff.read'].filter((name) => !used.has(name)));
});
