// A page far down a long list: the very statement that the API sends reads as little there as on the first page.

import pg from 'pg';
import { beforeAll, expect, test, vi } from 'vitest';
import { startApp } from '../setup/app.ts';

const ORDERS = 130_000;
const DEEP = 120_000;
const BUFFERS_MAX = 20;

const app = await startApp({ env: { BACKGROUND: 'off' } });

beforeAll(async () => {
  const id = (kind: string, n: string) =>
    `('${kind}0000000-0000-7000-8000-' || lpad(to_hex(${n}), 12, '0'))::uuid`;
  await app.sql(
    `INSERT INTO store (id, code, platform, currencies, created_at)
     SELECT ${id('a', 'n')}, 'store-' || n, 'OWN_SITE', '{CNY}', now() FROM generate_series(0, 1) n`,
  );
  await app.sql(
    `INSERT INTO "order" (id, number, store_id, state, currency, merchandise_minor, freight_minor, total_minor, tax_minor,
       placed_at, confirmed_at, completed_at)
     SELECT ${id('e', 'n')}, 'Y' || lpad(n::text, 9, '0'), ${id('a', 'n % 2')}, 'COMPLETED', 'CNY', 2000, 0, 2000, 230, at, at, at
     FROM generate_series(1, ${ORDERS}) n
     CROSS JOIN LATERAL (SELECT date_trunc('milliseconds', now() - interval '4 minutes' * (${ORDERS} - n))) AS m (at)`,
  );
  await app.sql('VACUUM (ANALYZE) "order"');
}, 120_000);

interface Sent {
  text: string;
  values: readonly unknown[];
}

/** The statements with which the API reads orders during `work`, and their values. */
async function sentDuring(work: () => Promise<unknown>): Promise<Sent[]> {
  const query = vi.spyOn(pg.Client.prototype, 'query');
  try {
    await work();
    const calls = query.mock.calls as unknown as [Partial<Sent> | string, readonly unknown[] | undefined][];
    return calls
      .map(([sent, values]) =>
        typeof sent === 'string'
          ? { text: sent, values: values ?? [] }
          : { text: sent.text ?? '', values: sent.values ?? values ?? [] },
      )
      .filter(({ text }) => text.includes('FROM "order"'));
  } finally {
    query.mockRestore();
  }
}

/** Buffers that a statement touches, planned for its values and planned for any. */
async function buffersOf({ text, values }: Sent): Promise<number[]> {
  const client = new pg.Client({ connectionString: app.databaseUrl });
  await client.connect();
  try {
    const literals = values.map((value) =>
      pg.escapeLiteral(Array.isArray(value) ? `{${value.join()}}` : String(value)),
    );
    await client.query(`PREPARE page AS ${text}`);
    const buffers: number[] = [];
    for (const mode of ['force_custom_plan', 'force_generic_plan']) {
      await client.query(`SET plan_cache_mode = ${mode}`);
      const { rows } = await client.query<{
        'QUERY PLAN': [{ Plan: { 'Shared Hit Blocks': number; 'Shared Read Blocks': number } }];
      }>(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE page (${literals.join()})`);
      const plan = rows[0]?.['QUERY PLAN'][0].Plan;
      buffers.push(
        (plan?.['Shared Hit Blocks'] ?? Number.NaN) + (plan?.['Shared Read Blocks'] ?? Number.NaN),
      );
    }
    return buffers;
  } finally {
    await client.end();
  }
}

test.each([
  ['the whole list', '', ''],
  ['the orders of a store', 'WHERE store_id = (SELECT id FROM store ORDER BY code LIMIT 1)', 'storeId'],
  ['the orders in a state', "WHERE state = 'COMPLETED'", 'states'],
])(
  'G5 a page at row 120,000 of %s reads fewer than 20 buffers',
  async (_, condition, filter) => {
    const [store] = await app.sql<{ id: string }>('SELECT id FROM store ORDER BY code LIMIT 1');
    const where = {
      ...(filter === 'storeId' ? { storeId: Buffer.from(`Store:${store?.id}`).toString('base64url') } : {}),
      ...(filter === 'states' ? { states: ['COMPLETED'] } : {}),
    };
    // A store has half of the orders.
    const deep = filter === 'storeId' ? DEEP / 2 : DEEP;
    const [row] = await app.sql<{ at: Date; id: string }>(
      `SELECT placed_at AS at, id FROM "order" ${condition} ORDER BY placed_at DESC, id DESC OFFSET ${deep} LIMIT 1`,
    );
    const after = Buffer.from(JSON.stringify(['placedAtd,idd', { d: row?.at.getTime() }, row?.id])).toString(
      'base64url',
    );
    let page: { id: string }[] = [];
    const sent = await sentDuring(async () => {
      const { orders } = await app.admin.ok<{ orders: { edges: { node: { id: string } }[] } }>(
        'query ($after: String, $where: OrderWhere) { orders(first: 20, after: $after, where: $where) { edges { node { id number state placedAt } } } }',
        { after, where },
      );
      page = orders.edges.map(({ node }) => node);
    });
    const truth = await app.sql<{ id: string }>(
      `SELECT id FROM "order" ${condition} ORDER BY placed_at DESC, id DESC OFFSET ${deep + 1} LIMIT 20`,
    );
    expect(page.map(({ id }) => id)).toEqual(
      truth.map(({ id }) => Buffer.from(`Order:${id}`).toString('base64url')),
    );
    expect(sent).toHaveLength(1);
    for (const buffers of await buffersOf(sent[0] as Sent)) {
      console.log(`${buffers} buffers`);
      expect(buffers).toBeLessThan(BUFFERS_MAX);
    }
  },
  120_000,
);
