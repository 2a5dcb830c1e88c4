// What only the database knows of the work that waits: events not yet in the log, reactions and jobs behind.

import { Prisma } from '../generated/prisma/client.ts';
import { db } from './db.ts';
import { momentOf } from './ids.ts';
import { jobCounts } from './jobs.ts';
import { readLong } from './long-reads.ts';
import { defineGauge } from './metrics.ts';

/** Counting stops here: so many are alarming enough. */
const COUNTED_MAX = 10_000;

defineGauge('database_up', 'Whether the database answers: 1, else 0.', [], async () => {
  const answer = db.$queryRaw`SELECT 1`;
  return [{ value: await answer.then(() => 1).catch(() => 0) }];
});

defineGauge(
  'outbox_events',
  'Events that were committed and are not in the log yet, up to 10000.',
  [],
  async () => {
    const [row] = await readLong<{ count: string }>(
      Prisma.sql`SELECT count(*) FROM (SELECT FROM event_outbox LIMIT ${COUNTED_MAX}) AS waiting`,
    );
    return [{ value: Number(row?.count ?? 0) }];
  },
);

defineGauge('outbox_lag_seconds', 'Age of the oldest event that is not in the log yet.', [], async () => {
  const [oldest] = await readLong<{ id: string }>(
    Prisma.sql`SELECT event_id AS id FROM event_outbox ORDER BY event_outbox.id LIMIT 1`,
  );
  return [{ value: oldest ? Math.max(0, Date.now() - momentOf(oldest.id).getTime()) / 1_000 : 0 }];
});

defineGauge(
  'reaction_lag_events',
  'Events after the checkpoint of a reaction; a thousand of them may not concern it.',
  ['reaction'],
  async () => {
    const rows = await readLong<{ name: string; behind: string }>(
      Prisma.sql`SELECT r.name, h.seq - r.seq AS behind FROM reaction r CROSS JOIN event_head h`,
    );
    return rows.map(({ name, behind }) => ({ labels: { reaction: name }, value: Number(behind) }));
  },
);

defineGauge(
  'reaction_failures',
  'Times that a reaction failed since it last went on.',
  ['reaction'],
  async () => {
    const rows = await readLong<{ name: string; failures: number }>(
      Prisma.sql`SELECT name, failures FROM reaction`,
    );
    return rows.map(({ name, failures }) => ({ labels: { reaction: name }, value: failures }));
  },
);

defineGauge('parked_events', 'Events that a reaction cannot handle.', ['reaction'], async () => {
  const rows = await readLong<{ name: string; count: string }>(
    Prisma.sql`SELECT r.name, count(p.seq) FROM reaction r LEFT JOIN parked_event p ON p.reaction = r.name GROUP BY 1`,
  );
  return rows.map(({ name, count }) => ({ labels: { reaction: name }, value: Number(count) }));
});

defineGauge('jobs', 'Jobs of a queue; `failed` are those of the last days.', ['queue', 'state'], jobCounts);
