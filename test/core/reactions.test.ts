// Reactions: exactly once per event, whatever fails in between.

import { afterAll, expect, test } from 'vitest';
import type { Tx } from '../../src/core/db.ts';
import type { LogEvent } from '../../src/core/event-log.ts';
import { openReactions, runReaction } from '../../src/core/reactions.ts';
import { startApp } from '../setup/app.ts';

const app = await startApp();
const stopping = new AbortController();
afterAll(() => stopping.abort());

/** Start a reaction to opened locations and wait until it stands at the end of the log. */
async function react(name: string, handle: (tx: Tx, event: LogEvent) => Promise<void>): Promise<void> {
  void runReaction({ name, types: ['location.opened'], handle }, stopping.signal);
  await expect
    .poll(async () => (await app.sql('SELECT 1 FROM reaction WHERE name = $1', [name])).length)
    .toBe(1);
}

const note = (tx: Tx, reaction: string, seq: bigint) =>
  tx.idempotencyRecord.createMany({
    data: { principal: 'test', mutation: reaction, key: String(seq), inputHash: '', createdAt: new Date() },
  });

const noted = (reaction: string) =>
  app.sql('SELECT key FROM idempotency_record WHERE mutation = $1', [reaction]);

test('G41 a reaction handles each event once, and a failure undoes what the handler wrote and tries again', async () => {
  let attempts = 0;
  await react('test.failsTwice', async (tx, event) => {
    await note(tx, 'test.failsTwice', event.seq);
    if (++attempts <= 2) throw new Error('not yet');
  });
  await app.given.location();
  await expect.poll(() => noted('test.failsTwice'), { timeout: 10_000 }).toHaveLength(1);
  expect(attempts).toBe(3);
  await app.given.location();
  await expect.poll(() => noted('test.failsTwice'), { timeout: 10_000 }).toHaveLength(2);
  expect(attempts).toBe(4);
});

test('G41 what happens between the start of a serving instance and of a reacting one is not missed', async () => {
  const name = 'test.later';
  const reaction = {
    name,
    types: ['location.opened'],
    handle: (tx: Tx, event: LogEvent) => note(tx, name, event.seq).then(() => {}),
  };
  await openReactions([reaction]);
  await app.given.location();
  void runReaction(reaction, stopping.signal);
  await expect.poll(() => noted(name), { timeout: 10_000 }).toHaveLength(1);
});

test('events of others cost a reaction no write: its checkpoint follows later', async () => {
  await react('test.idle', async () => {});
  const checkpoint = async () =>
    (await app.sql<{ seq: string }>(`SELECT seq FROM reaction WHERE name = 'test.idle'`))[0]?.seq;
  const before = await checkpoint();
  const stores: string[] = [];
  for (let i = 0; i < 5; i++) stores.push(await app.given.store());
  const seen = app.admin.ok<{ events: { totalCount: number } }>(
    `{ events(where: { types: ["store.opened"] }) { totalCount } }`,
  );
  expect((await seen).events.totalCount).toBeGreaterThanOrEqual(stores.length);
  expect(await checkpoint()).toBe(before);
  await app.given.location();
  await expect.poll(checkpoint, { timeout: 10_000 }).not.toBe(before);
});

test('a poison event is parked after five attempts and the reaction goes on', async () => {
  let poison: bigint | undefined;
  await react('test.poison', async (tx, event) => {
    poison ??= event.seq;
    if (event.seq === poison) throw new Error('cannot be handled');
    await note(tx, 'test.poison', event.seq);
  });
  await app.given.location();
  await app.given.location();
  await expect.poll(() => noted('test.poison'), { timeout: 15_000 }).toHaveLength(1);
  const parked = await app.sql<{ seq: string; error: string }>(
    `SELECT seq, error FROM parked_event WHERE reaction = 'test.poison'`,
  );
  expect(parked).toEqual([{ seq: String(poison), error: 'cannot be handled' }]);
});

test('two workers of one reaction never handle an event twice', async () => {
  const handle = async (tx: Tx, event: LogEvent) => {
    await note(tx, 'test.shared', event.seq);
  };
  await react('test.shared', handle);
  await react('test.shared', handle);
  for (let i = 0; i < 10; i++) await app.given.location();
  await expect.poll(() => noted('test.shared'), { timeout: 10_000 }).toHaveLength(10);
});

test('G41 a reaction to many handles what came together, each event once, and parks a poison one alone', async () => {
  const name = 'test.many';
  const batches: number[] = [];
  let poison: bigint | undefined;
  let listens = false;
  const checkpoint = async () =>
    (await app.sql<{ seq: string }>('SELECT seq FROM reaction WHERE name = $1', [name]))[0]?.seq;
  const reaction = {
    name,
    concerns: async () => listens,
    async handleMany(tx: Tx, events: readonly LogEvent[]) {
      const opened = events.filter(({ type }) => type === 'location.opened');
      if (opened.some(({ seq }) => seq === poison)) throw new Error('cannot be handled');
      for (const { seq } of opened) await note(tx, name, seq);
      batches.push(opened.length);
    },
  };
  await openReactions([reaction]);
  const before = await checkpoint();
  void runReaction(reaction, stopping.signal);
  await app.given.location();
  expect(await checkpoint()).toBe(before);
  await Promise.all([1, 2, 3, 4].map(() => app.given.location()));
  // Relays what has committed.
  await app.admin.ok('{ eventCursor }');
  const [last] = await app.sql<{ seq: string }>(
    `SELECT max(seq) AS seq FROM event WHERE type = 'location.opened'`,
  );
  poison = BigInt(last?.seq ?? 0);
  listens = true;
  await app.given.location();
  await expect.poll(() => noted(name), { timeout: 15_000 }).toHaveLength(5);
  expect(await app.sql('SELECT seq FROM parked_event WHERE reaction = $1', [name])).toEqual([
    { seq: String(poison) },
  ]);
  await app.given.location();
  await expect.poll(() => noted(name), { timeout: 10_000 }).toHaveLength(6);
  expect(batches.length).toBeGreaterThan(0);
});
