// Stores and locations of the sample department.

import { openStore } from '../../../src/catalog/actions/stores.ts';
import type { Actor } from '../../../src/core/actor.ts';
import type { Tx } from '../../../src/core/db.ts';
import { openLocation } from '../../../src/inventory/actions/locations.ts';
import { inBoth, yuan } from './content.ts';

/** Ids by code. */
export interface Places {
  stores: { main: string; tmall: string };
  locations: { shanghai: string; guangzhou: string; hangzhou: string };
}

export async function seedPlaces(tx: Tx, seed: Actor, at: Date): Promise<Places> {
  const store = { timeZone: 'Asia/Shanghai', currencies: ['CNY'] };
  const main = await openStore(
    tx,
    seed,
    {
      ...store,
      code: 'main',
      platform: 'OWN_SITE',
      texts: inBoth('Dayshift store', '白班自营商城'),
      freight: yuan('10.00'),
      freightFreeFrom: yuan('99.00'),
      policies: {
        payWithinMinutes: 30,
        confirmWithinMinutes: 30,
        completeAfterDays: 10,
        cashOnDelivery: true,
      },
    },
    at,
  );
  const tmall = await openStore(
    tx,
    seed,
    { ...store, code: 'tmall', platform: 'TMALL', texts: inBoth('Tmall flagship store', '天猫旗舰店') },
    at,
  );
  const open = (code: string, en: string, zh: string, stores: [storeId: string, priority: number][]) =>
    openLocation(
      tx,
      seed,
      { code, texts: inBoth(en, zh), stores: stores.map(([storeId, priority]) => ({ storeId, priority })) },
      at,
    );
  const shanghai = await open('shanghai', 'Shanghai warehouse', '上海仓', [
    [main.id, 1],
    [tmall.id, 2],
  ]);
  const guangzhou = await open('guangzhou', 'Guangzhou warehouse', '广州仓', [
    [main.id, 2],
    [tmall.id, 1],
  ]);
  const hangzhou = await open('hangzhou', 'Hangzhou live-stream room', '杭州直播仓', [[tmall.id, 3]]);
  return {
    stores: { main: main.id, tmall: tmall.id },
    locations: { shanghai: shanghai.id, guangzhou: guangzhou.id, hangzhou: hangzhou.id },
  };
}
