// Connections to the database: one pool for all that is asked at once.

import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';

const app = await startApp({ env: { DATABASE_POOL_SIZE: '4' } });

test('G2 requests share the connections of one pool, and an instance is ready only once it is warm', async () => {
  expect(await (await fetch(`${app.origin}/ready`)).text()).toBe('ready\n');
  await Promise.all(
    Array.from({ length: 60 }, () => app.admin.ok('{ orders { totalCount } stocks { totalCount } }')),
  );
  const [row] = await app.sql<{ count: string }>(
    `SELECT count(*) FROM pg_stat_activity WHERE application_name = 'dayshift' AND datname = current_database()`,
  );
  expect(Number(row?.count)).toBeLessThanOrEqual(4);
}, 30_000);
