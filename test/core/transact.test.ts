// Transactions: conflicts are retried as a whole, problems of our own are not.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectDatabase, db, disconnectDatabase, transact } from '../../src/core/db.ts';
import { DomainError, problem } from '../../src/core/errors.ts';
import { startDatabase } from '../setup/app.ts';

const { url } = await startDatabase();

beforeAll(async () => {
  await connectDatabase({ url, poolSize: 10 });
  await db.$executeRaw`CREATE TABLE tally (id int PRIMARY KEY, count int NOT NULL)`;
});

afterAll(() => disconnectDatabase());

const tally = async (id: number): Promise<number | undefined> =>
  (await db.$queryRaw<{ count: number }[]>`SELECT count FROM tally WHERE id = ${id}`)[0]?.count;

const six = [1, 2, 3, 4, 5, 6];

describe('G13 six transactions at once', () => {
  test('that read and write one row at Serializable all succeed, and none is lost', async () => {
    await db.$executeRaw`INSERT INTO tally VALUES (1, 0)`;
    const add = () =>
      transact(async (tx) => {
        await tx.$executeRaw`SET TRANSACTION ISOLATION LEVEL SERIALIZABLE`;
        const [row] = await tx.$queryRaw<{ count: number }[]>`SELECT count FROM tally WHERE id = 1`;
        await tx.$executeRaw`UPDATE tally SET count = ${(row?.count ?? 0) + 1} WHERE id = 1`;
      });
    for (let round = 0; round < 5; round++) await Promise.all(six.map(add));
    expect(await tally(1)).toBe(30);
  });

  test('that lock two rows in opposite orders all succeed', async () => {
    await db.$executeRaw`INSERT INTO tally VALUES (2, 0), (3, 0)`;
    const add = (first: number, second: number) =>
      transact(async (tx) => {
        await tx.$executeRaw`UPDATE tally SET count = count + 1 WHERE id = ${first}`;
        await tx.$queryRaw`SELECT 1 FROM pg_sleep(0.02)`;
        await tx.$executeRaw`UPDATE tally SET count = count + 1 WHERE id = ${second}`;
      });
    await Promise.all(six.map((n) => (n % 2 === 0 ? add(2, 3) : add(3, 2))));
    expect([await tally(2), await tally(3)]).toEqual([6, 6]);
  });

  test('that take one name make it once, and the others find it taken', async () => {
    const take = () =>
      transact(async (tx) => {
        const [taken] = await tx.$queryRaw<object[]>`SELECT 1 FROM tally WHERE id = 4`;
        if (taken) throw new DomainError([problem('ALREADY_EXISTS', { params: { value: '4' } })]);
        await tx.$executeRaw`INSERT INTO tally VALUES (4, 1)`;
      });
    const outcomes = await Promise.allSettled(six.map(take));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    for (const reason of refused) expect(reason).toBeInstanceOf(DomainError);
  });
});

describe('what is no conflict', () => {
  test('is not tried again: a refusal, a broken rule of the database, a fault of the code', async () => {
    const faults = [
      () => Promise.reject(new DomainError([problem('NOT_PERMITTED')])),
      () => Promise.reject(new Error('a fault')),
    ];
    for (const fault of faults) {
      let runs = 0;
      const work = transact(() => {
        runs++;
        return fault();
      });
      await expect(work).rejects.toThrow();
      expect(runs).toBe(1);
    }
    let runs = 0;
    const work = transact(async (tx) => {
      runs++;
      await tx.$executeRaw`INSERT INTO tally VALUES (5, NULL)`;
    });
    await expect(work).rejects.toThrow();
    expect(runs).toBe(1);
  });

  test('leaves nothing of its work', async () => {
    const work = transact(async (tx) => {
      await tx.$executeRaw`INSERT INTO tally VALUES (6, 1)`;
      throw new DomainError([problem('NOT_PERMITTED')]);
    });
    await expect(work).rejects.toThrow(DomainError);
    expect(await tally(6)).toBeUndefined();
  });

  test('of a name that stays taken is tried once more, and then told', async () => {
    await db.$executeRaw`INSERT INTO tally VALUES (7, 1)`;
    let runs = 0;
    const work = transact(async (tx) => {
      runs++;
      await tx.$executeRaw`INSERT INTO tally VALUES (7, 1)`;
    });
    await expect(work).rejects.toThrow(/23505|Unique/);
    expect(runs).toBe(2);
  });
});

test('a transaction sees what others have committed since it began, whatever level the database has by itself', async () => {
  const asIsolatedAs = async (level: string) => {
    await db.$executeRawUnsafe(
      `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = %L', current_database(), '${level}'); END $$`,
    );
    await disconnectDatabase();
    await connectDatabase({ url, poolSize: 10 });
  };
  const counts: (number | undefined)[] = [];
  for (const level of ['repeatable read', 'read committed']) {
    await asIsolatedAs(level);
    await db.$executeRaw`INSERT INTO tally VALUES (8, 1) ON CONFLICT (id) DO UPDATE SET count = 1`;
    await transact(async (tx) => {
      const count = async () =>
        (await tx.$queryRaw<{ count: number }[]>`SELECT count FROM tally WHERE id = 8`)[0]?.count;
      counts.push(await count());
      await db.$executeRaw`UPDATE tally SET count = 2 WHERE id = 8`;
      counts.push(await count());
    });
  }
  expect(counts).toEqual([1, 2, 1, 2]);
});
