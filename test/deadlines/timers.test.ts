// Timers: each deadline fires once, when it is due, whatever fails and however many instances there are.

import { afterEach, expect, test } from 'vitest';
import { type Tx, transact } from '../../src/core/db.ts';
import { newId } from '../../src/core/ids.ts';
import { now } from '../../src/core/time.ts';
import {
  pauseDeadlines,
  resumeDeadlines,
  settleDeadline,
  startDeadline,
} from '../../src/deadlines/actions.ts';
import { runTimers, type Timer } from '../../src/deadlines/jobs.ts';
import { retryAfterMs } from '../../src/deadlines/rules.ts';
import type { DeadlineKind } from '../../src/deadlines/texts.ts';
import { startApp } from '../setup/app.ts';
import { clock } from '../setup/clock.ts';
import { uniqueName } from '../setup/given.ts';

const app = await startApp({ env: { BACKGROUND: 'off' } });

/** A kind of deadline that only one test has. */
const newKind = (): DeadlineKind => uniqueName('test') as DeadlineKind;

let running: { stopping: AbortController; done: Promise<void> }[] = [];
const run = (timer: Timer) => {
  const stopping = new AbortController();
  running.push({ stopping, done: runTimers([timer], stopping.signal) });
};
// Ends promptly on the signal, also out of its sleep: the hook would time out.
afterEach(async () => {
  for (const { stopping } of running) stopping.abort();
  await Promise.all(running.map(({ done }) => done));
  running = [];
});

/** Writes down that it fired, in the transaction that breached the deadline. */
const noting = (
  kind: DeadlineKind,
  fire: (tx: Tx, entityId: string) => Promise<void> = async () => {},
): Timer => ({
  kind,
  lock: async () => {},
  fire: async (tx, _actor, { entityId }) => {
    await tx.idempotencyRecord.createMany({
      data: { principal: kind, mutation: 'fired', key: newId(), inputHash: entityId, createdAt: now() },
    });
    await fire(tx, entityId);
  },
});

const fired = async (kind: string): Promise<string[]> => {
  const rows = await app.sql<{ id: string }>(
    `SELECT input_hash AS id FROM idempotency_record WHERE principal = $1 AND mutation = 'fired' ORDER BY created_at`,
    [kind],
  );
  return rows.map(({ id }) => id);
};

const start = async (kind: DeadlineKind, inMs: number, entityId = newId()): Promise<string> => {
  const at = now();
  const dueAt = new Date(at.getTime() + inMs);
  const deadline = { kind, entityType: 'Order', entityId, storeId: null, dueAt };
  await transact((tx) => startDeadline(tx, deadline, at));
  return entityId;
};

interface Row {
  state: string;
  due_at: Date;
  paused_at: Date | null;
  settled_at: Date | null;
  failures: number;
}

const rowsOf = (entityId: string): Promise<Row[]> =>
  app.sql<Row & Record<string, unknown>>('SELECT * FROM deadline WHERE entity_id = $1 ORDER BY id', [
    entityId,
  ]);

const HOUR = 3_600_000;

test('G41 a deadline fires once, at its moment and not before', async () => {
  const kind = newKind();
  run(noting(kind));
  const [soon, later] = [await start(kind, 300), await start(kind, HOUR)];
  await expect.poll(() => fired(kind), { timeout: 10_000 }).toEqual([soon]);
  const [row] = await rowsOf(soon);
  expect(row?.state).toBe('BREACHED');
  expect(row?.settled_at?.getTime()).toBeGreaterThanOrEqual(row?.due_at.getTime() ?? Infinity);
  expect((await rowsOf(later))[0]?.state).toBe('RUNNING');
  clock.pass({ hours: 1 });
  await expect.poll(() => fired(kind), { timeout: 10_000 }).toEqual([soon, later]);
});

test('G41 one that came due while nobody ran fires as soon as somebody does', async () => {
  const kind = newKind();
  const ids = await Promise.all([start(kind, 0), start(kind, -HOUR)]);
  run(noting(kind));
  await expect.poll(async () => (await fired(kind)).sort(), { timeout: 10_000 }).toEqual(ids.sort());
});

test('G41 three instances share two hundred deadlines and fire each once', async () => {
  const kind = newKind();
  const ids = await Promise.all(Array.from({ length: 200 }, () => start(kind, 500)));
  for (let i = 0; i < 3; i++) run(noting(kind));
  await expect.poll(async () => (await fired(kind)).length, { timeout: 15_000 }).toBe(200);
  expect((await fired(kind)).sort()).toEqual(ids.sort());
});

test('G41 a timer that fails leaves nothing behind, is tried again, and stops no other', async () => {
  const kind = newKind();
  const [poor, good] = [await start(kind, -1_000), await start(kind, 0)];
  let attempts = 0;
  run(
    noting(kind, async (_tx, entityId) => {
      if (entityId === poor && ++attempts <= 2) throw new Error('not yet');
    }),
  );
  await expect.poll(() => fired(kind), { timeout: 10_000 }).toContain(good);
  expect((await rowsOf(poor))[0]).toMatchObject({ state: 'RUNNING', settled_at: null });
  await expect.poll(() => fired(kind), { timeout: 15_000 }).toContain(poor);
  expect(await fired(kind)).toHaveLength(2);
  expect((await rowsOf(poor))[0]).toMatchObject({ state: 'BREACHED', failures: 2 });
  expect([1, 2, 3, 10, 11, 100].map(retryAfterMs)).toEqual([1_000, 2_000, 4_000, 512_000, 600_000, 600_000]);
});

test('a deadline that is settled while its entity is being locked does not fire', async () => {
  const kind = newKind();
  const entityId = await start(kind, 0);
  let locked = 0;
  run({
    ...noting(kind),
    // What a payment does that was a moment faster.
    lock: async (tx) => {
      locked++;
      await settleDeadline(tx, entityId, kind, 'MET', now());
    },
  });
  await expect.poll(async () => (await rowsOf(entityId))[0]?.state, { timeout: 10_000 }).toBe('MET');
  expect(locked).toBe(1);
  expect(await fired(kind)).toEqual([]);
});

test('O3 a pause stops the clock: the deadline is due later by its length to the millisecond, nights and weekends too', async () => {
  const kind = newKind();
  clock.moveTo('2026-11-27T10:00:00.000Z');
  const entityId = await start(kind, 48 * HOUR);
  const [before] = await rowsOf(entityId);
  const [pausedAt, resumedAt] = [new Date('2026-11-28T03:00:00.123Z'), new Date('2026-11-29T22:30:00.456Z')];
  await transact((tx) => pauseDeadlines(tx, entityId, [kind], pausedAt));
  expect((await rowsOf(entityId))[0]).toMatchObject({
    state: 'PAUSED',
    paused_at: pausedAt,
    due_at: before?.due_at,
  });
  run(noting(kind));
  clock.moveTo(resumedAt);
  await transact((tx) => resumeDeadlines(tx, entityId, [kind], resumedAt));
  const [after] = await rowsOf(entityId);
  const pause = resumedAt.getTime() - pausedAt.getTime();
  expect(after).toMatchObject({ state: 'RUNNING', paused_at: null });
  expect((after?.due_at.getTime() ?? 0) - (before?.due_at.getTime() ?? 0)).toBe(pause);
  expect(await fired(kind)).toEqual([]);
  clock.moveTo(new Date((after?.due_at.getTime() ?? 0) + 1));
  await expect.poll(() => fired(kind), { timeout: 10_000 }).toEqual([entityId]);
});

test('starting a deadline again cancels the open one: one of a kind is open at any time', async () => {
  const kind = newKind();
  const entityId = await start(kind, HOUR);
  await start(kind, 2 * HOUR, entityId);
  await transact((tx) => pauseDeadlines(tx, entityId, [kind], now()));
  await start(kind, 3 * HOUR, entityId);
  expect((await rowsOf(entityId)).map(({ state }) => state)).toEqual(['CANCELLED', 'CANCELLED', 'RUNNING']);
  const twice = app.sql(
    `INSERT INTO deadline (id, kind, entity_type, entity_id, started_at, due_at)
     SELECT $2, kind, entity_type, entity_id, started_at, due_at FROM deadline WHERE entity_id = $1 AND state = 'RUNNING'`,
    [entityId, newId()],
  );
  await expect(twice).rejects.toThrow(/deadline_one_open/);
});
