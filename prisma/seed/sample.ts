// The sample department: two stores, three locations, staff in every post, partners, customers, a catalog, stock and
// orders in every state.

import { randomBytes } from 'node:crypto';
import { type Actor, systemActor } from '../../src/core/actor.ts';
import { db, lockName, type Tx, transact } from '../../src/core/db.ts';
import { hashPassword } from '../../src/core/secrets.ts';
import { seedCatalog } from './sample/catalog.ts';
import { seedOrders } from './sample/orders.ts';
import { type PartnerSecrets, seedPartners } from './sample/partners.ts';
import { hireEverybody, type Person } from './sample/people.ts';
import { seedPlaces } from './sample/places.ts';
import { type Customer, seedShoppers } from './sample/shoppers.ts';
import { seedStock } from './sample/stock.ts';

interface Inhabitants {
  people: Person[];
  customers: Customer[];
  partners: PartnerSecrets;
}

export interface SampleLogin extends Inhabitants {
  /** One password for all people and customers. */
  password: string;
}

/** Days before the start at which the sample department opened. */
const OPEN_DAYS = 14;

/**
 * Make the sample department where there is no store yet, all of it or nothing. Its content is always the same, its
 * times count back from `at`. Needs the reference posts and carriers. Returns the logins of its people and programs,
 * or null where a store is.
 */
export async function seedSample(at: Date): Promise<SampleLogin | null> {
  if ((await db.store.count()) > 0) return null;
  const password = randomBytes(9).toString('base64url');
  const passwordHash = await hashPassword('staff', password);
  // A slow machine needs longer for this much than any transaction of the business may take.
  const inhabitants = await transact((tx) => seedAll(tx, passwordHash, at), { timeoutSeconds: 120 });
  return inhabitants && { password, ...inhabitants };
}

async function seedAll(tx: Tx, passwordHash: string, at: Date): Promise<Inhabitants | null> {
  // Of two instances that start at once, the second waits here and finds the first one's store.
  await lockName(tx, 'sample');
  if ((await tx.store.count()) > 0) return null;
  const openedAt = new Date(at.getTime() - OPEN_DAYS * 86_400_000);
  const seed: Actor = systemActor('seed');
  const places = await seedPlaces(tx, seed, openedAt);
  const { people, actorOf } = await hireEverybody(tx, seed, { passwordHash, places, at: openedAt });
  const { partners, secrets } = await seedPartners(tx, seed, places, openedAt);
  const variants = await seedCatalog(tx, actorOf, places, openedAt);
  await seedStock(tx, actorOf, { places, variants, at: openedAt });
  const shoppers = await seedShoppers(tx, { passwordHash, at: openedAt });
  await seedOrders({ tx, places, partners, actorOf, variants, shoppers }, at);
  return { people, customers: shoppers.customers, partners: secrets };
}
