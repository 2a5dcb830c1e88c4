// More work than the database has connections for: told as such, in the caller's language, with a time to come back.

import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { toGlobalId } from '../../src/core/ids.ts';
import { startApp } from '../setup/app.ts';
import { newKey, uniqueName } from '../setup/given.ts';

const POOL = 2;
const app = await startApp({ env: { DATABASE_POOL_SIZE: String(POOL), BACKGROUND: 'off' } });

/** While the gate is shut, a statement that opens a location goes on and on. */
await app.sql('CREATE TABLE gate (shut boolean)');
await app.sql(`CREATE FUNCTION wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  WHILE EXISTS (SELECT FROM gate) LOOP PERFORM pg_sleep(0.02); END LOOP; RETURN NEW; END $$`);
await app.sql('CREATE TRIGGER gate BEFORE INSERT ON location FOR EACH ROW EXECUTE FUNCTION wait_at_gate()');

const OPEN =
  'mutation ($input: LocationOpenInput!) { locationOpen(input: $input) { location { id } userErrors { code } } }';
const PLACE =
  'mutation ($input: OrderPlaceInput!) { orderPlace(input: $input) { order { id } userErrors { code } } }';

test('who finds no connection free is answered OVERLOADED with 503 and Retry-After, in their language', async () => {
  const guest = app.given.guest();
  const input = {
    idempotencyKey: newKey(),
    storeId: toGlobalId('Store', randomUUID()),
    contact: { name: '李雷', phone: '+86 138 1234 5678' },
    address: {
      country: 'CN',
      region: '上海市',
      city: '上海市',
      district: '徐汇区',
      lines: ['漕溪北路 88 号'],
    },
    lines: [{ variantId: toGlobalId('Variant', randomUUID()), quantity: 1 }],
  };
  await app.sql('INSERT INTO gate VALUES (true)');
  const blocked = Array.from({ length: POOL }, () =>
    app.admin.run(OPEN, { input: { code: uniqueName('slow'), texts: [{ locale: 'en', name: 'Slow' }] } }),
  );
  await expect
    .poll(
      async () =>
        (
          await app.sql(
            `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'`,
          )
        ).length,
      { timeout: 10_000 },
    )
    .toBe(POOL);
  // In a transaction that cannot start, and before it: who calls cannot even be looked up.
  const [transaction, lookup, message] = await Promise.all([
    guest.speaking('zh').run(PLACE, { input }),
    app.admin.speaking('en').run('{ viewer { id } }'),
    fetch(`${app.origin}/hooks/payment/nobody`, { method: 'POST', body: '{}' }),
  ]);
  await app.sql('DELETE FROM gate');
  const told = (answer: typeof transaction) => ({
    status: answer.status,
    after: answer.headers.get('retry-after'),
    data: answer.data,
    errors: answer.errors.map(({ message, extensions }) => ({ message, extensions })),
  });
  expect(told(transaction)).toEqual({
    status: 503,
    after: '2',
    data: null,
    errors: [{ message: '服务器当前繁忙，请稍后重试。', extensions: { code: 'OVERLOADED' } }],
  });
  expect({ ...told(lookup), data: null }).toEqual({
    status: 503,
    after: '2',
    data: null,
    errors: [
      {
        message: 'Too much is asked of the server just now: try again in a moment.',
        extensions: { code: 'OVERLOADED' },
      },
    ],
  });
  expect([message.status, message.headers.get('retry-after')]).toEqual([503, '2']);
  for (const answer of await Promise.all(blocked)) expect(answer.errors).toEqual([]);
  expect(await guest.refusal('orderPlace', input)).toMatchObject([{ code: 'NOT_FOUND' }]);
}, 60_000);
