// What holds for every table of the migrated database.

import { describe, expect, test } from 'vitest';
import { startDatabase } from '../setup/app.ts';
import { readModels } from '../setup/source.ts';

const { sql } = await startDatabase();

interface Column {
  place: string;
  column_name: string;
  data_type: string;
  datetime_precision: number | null;
  column_default: string | null;
  is_nullable: 'YES' | 'NO';
}

const columns = await sql<Column>(
  `SELECT table_name || '.' || column_name AS place, * FROM information_schema.columns
   WHERE table_schema = 'public' AND table_name NOT LIKE '\\_prisma%' ORDER BY 1`,
);

const places = (wrong: (column: Column) => boolean) => columns.filter(wrong).map(({ place }) => place);

describe('columns', () => {
  test('G14 every moment is a timestamptz(3), so that a JavaScript date holds it exactly', () => {
    const moments = columns.filter(({ data_type }) => /^(timestamp|time|date)/.test(data_type));
    expect(moments.length).toBeGreaterThan(20);
    const wrong = moments.filter(
      (one) => one.data_type !== 'timestamp with time zone' || one.datetime_precision !== 3,
    );
    expect(wrong.map(({ place }) => place)).toEqual([]);
  });

  test('G14 every id is a uuid, and none is made by the database', () => {
    const named = ({ column_name }: Column) => column_name === 'id' || column_name.endsWith('_id');
    const numbers = ['event_head.id', 'event_outbox.id'];
    const ofMarketplaces = ['listing_item.platform_item_id'];
    const others = [...numbers, ...ofMarketplaces];
    expect(places((one) => named(one) && one.data_type !== 'uuid' && !others.includes(one.place))).toEqual(
      [],
    );
    expect(places((one) => /uuid|random/.test(one.column_default ?? ''))).toEqual([]);
  });

  test('no column takes the time of the database as its default', () => {
    expect(places((one) => /now\(\)|current_|clock_timestamp/i.test(one.column_default ?? ''))).toEqual([]);
  });

  test('G4 money is a bigint of minor units, and no column is a decimal or a float', () => {
    expect(places((one) => one.column_name.endsWith('_minor') && one.data_type !== 'bigint')).toEqual([]);
    expect(places((one) => /^(numeric|real|double precision|money)$/.test(one.data_type))).toEqual([]);
  });

  test('personal data lie in tables whose name says so', () => {
    const personal = /^(name|phone|email|address_line|postal_code|receiver.*)$/;
    const strangers = columns.filter(
      ({ place, column_name }) =>
        personal.test(column_name) && !/^person_|_text\.|^order_line\.name$/.test(place),
    );
    expect(strangers.map(({ place }) => place)).toEqual(['api_key.name', 'reaction.name']);
  });
});

describe('tables', () => {
  test('every table is declared by a model, and every model is a table', async () => {
    const rows = await sql<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
         AND NOT relispartition AND relname NOT LIKE '\\_prisma%' ORDER BY 1`,
    );
    expect(rows.map(({ name }) => name)).toEqual([...readModels().values()].map(({ table }) => table).sort());
  });

  test('every table has a primary key', async () => {
    const rows = await sql<{ name: string }>(
      `SELECT relname AS name FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
         AND NOT EXISTS (SELECT 1 FROM pg_index WHERE indrelid = c.oid AND indisprimary)`,
    );
    expect(rows).toEqual([]);
  });

  test('C15 C60 the event log and the ledger of stock cannot be changed or deleted, by nobody', async () => {
    for (const table of ['event', 'stock_ledger_entry']) {
      const rows = await sql<{ on: string }>(
        `SELECT CASE WHEN tgtype::int & 16 > 0 THEN 'update' WHEN tgtype::int & 32 > 0 THEN 'truncate' END AS on
         FROM pg_trigger WHERE tgrelid = $1::regclass AND NOT tgisinternal AND tgenabled = 'O' ORDER BY 1`,
        [table],
      );
      expect(
        rows.map((row) => row.on),
        table,
      ).toEqual(['truncate', 'update']);
      await expect(sql(`TRUNCATE ${table} CASCADE`), table).rejects.toThrow('never changed or deleted');
    }
  });
});
