// The sample department: two stores, three locations, staff in every post, a catalog, stock and orders in every state.

import { randomBytes } from 'node:crypto';
import { type Actor, systemActor } from '../../src/core/actor.ts';
import { db, type Tx, transact } from '../../src/core/db.ts';
import { hashPassword } from '../../src/core/secrets.ts';
import { seedCatalog } from './sample/catalog.ts';
import { seedOrders } from './sample/orders.ts';
import { hireEverybody, type Person } from './sample/people.ts';
import { seedPlaces } from './sample/places.ts';
import { seedStock } from './sample/stock.ts';

export interface SampleLogin {
  /** One password for all of them. */
  password: string;
  people: Person[];
}

/** Days before the start at which the sample department opened. */
const OPEN_DAYS = 14;

/**
 * Make the sample department where there is no store yet, all of it or nothing. Its content is always the same, its
 * times count back from `at`. Needs the reference posts. Returns the login of its staff, or null where a store is.
 */
export async function seedSample(at: Date): Promise<SampleLogin | null> {
  if ((await db.store.count()) > 0) return null;
  const password = randomBytes(9).toString('base64url');
  const passwordHash = await hashPassword(password);
  const people = await transact((tx) => seedAll(tx, passwordHash, at));
  return people && { password, people };
}

async function seedAll(tx: Tx, passwordHash: string, at: Date): Promise<Person[] | null> {
  // Of two instances that start at once, the second waits here and finds the first one's store.
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('dayshift.sample'))`;
  if ((await tx.store.count()) > 0) return null;
  const openedAt = new Date(at.getTime() - OPEN_DAYS * 86_400_000);
  const seed: Actor = systemActor('seed');
  const places = await seedPlaces(tx, seed, openedAt);
  const { people, actorOf } = await hireEverybody(tx, seed, { passwordHash, places, at: openedAt });
  const variants = await seedCatalog(tx, actorOf, places, openedAt);
  await seedStock(tx, actorOf, { places, variants, at: openedAt });
  await seedOrders(tx, actorOf, { places, variants, at });
  return people;
}
