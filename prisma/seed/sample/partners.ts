// Partners of the sample department: a marketplace that pushes orders, a payment gateway and a carrier that report.

import { type Actor, anonymous, listPermissions } from '../../../src/core/actor.ts';
import type { Tx } from '../../../src/core/db.ts';
import { openConnection } from '../../../src/partners/actions/connections.ts';
import { issueKey } from '../../../src/partners/actions/keys.ts';
import { openPartner } from '../../../src/partners/actions/partners.ts';
import { hookPath } from '../../../src/partners/rules/connections.ts';
import { resolveScopes } from '../../../src/partners/rules/keys.ts';
import { changeCarrier } from '../../../src/shipping/actions/carriers.ts';
import { inBoth } from './content.ts';
import type { Places } from './places.ts';

/** A partner's machine, acting, and what it is known by. */
export interface Machine {
  id: string;
  code: string;
  actor: Actor;
}

export interface Partners {
  /** The marketplace's program, acting with its key. */
  marketplace: Actor;
  gateway: Machine;
  carrier: Machine & { carrierId: string };
}

/** What the partners' programs present to be heard. Told once, and kept for whoever tries the sample. */
export interface PartnerSecrets {
  marketplaceKey: string;
  connections: { path: string; secret: string }[];
}

const PUSHING = ['orders.push', 'orders.read'];

export async function seedPartners(
  tx: Tx,
  seed: Actor,
  places: Places,
  at: Date,
): Promise<{ partners: Partners; secrets: PartnerSecrets }> {
  const open = (code: string, kind: 'MARKETPLACE' | 'PAYMENT_GATEWAY' | 'CARRIER', en: string, zh: string) =>
    openPartner(tx, seed, { code, kind, texts: inBoth(en, zh) }, at);

  const tmall = await open('tmall', 'MARKETPLACE', 'Tmall', '天猫');
  const storeIds = [places.stores.tmall];
  const reach = { allStores: false, storeIds, allLocations: false, locationIds: [], networks: [] };
  const grant = { partnerId: tmall.id, name: 'Order sync', scopes: PUSHING, ...reach };
  const key = await issueKey(tx, seed, grant, at);

  const alipay = await open('alipay', 'PAYMENT_GATEWAY', 'Alipay', '支付宝');
  const payments = await openConnection(
    tx,
    seed,
    { partnerId: alipay.id, code: 'alipay', kind: 'PAYMENT' },
    at,
  );
  const sf = await open('sf-express', 'CARRIER', 'SF Express', '顺丰速运');
  const tracking = await openConnection(tx, seed, { partnerId: sf.id, code: 'sf', kind: 'TRACKING' }, at);
  const carrier = await tx.carrier.findUniqueOrThrow({ where: { code: 'sf' } });
  const reported = { carrierId: carrier.id, expectedVersion: carrier.version, connectionId: tracking.id };
  await changeCarrier(tx, seed, reported, at);

  return {
    partners: {
      marketplace: {
        ...programOf(tmall.id, key.id),
        permissions: new Set(resolveScopes(PUSHING, listPermissions())),
        stores: new Set(storeIds),
      },
      gateway: { id: payments.id, code: 'alipay', actor: machineOf(alipay.id, payments.id) },
      carrier: {
        id: tracking.id,
        code: 'sf',
        actor: machineOf(sf.id, tracking.id),
        carrierId: carrier.id,
      },
    },
    secrets: {
      marketplaceKey: key.secret,
      connections: [
        { path: hookPath({ kind: 'PAYMENT', code: 'alipay' }), secret: payments.secret },
        { path: hookPath({ kind: 'TRACKING', code: 'sf' }), secret: tracking.secret },
      ],
    },
  };
}

const programOf = (partnerId: string, id: string): Actor => ({
  ...anonymous({ source: 'seed' }),
  kind: 'KEY',
  id,
  partnerId,
});

/** A connection acts for its partner everywhere, and without any permission. */
const machineOf = (partnerId: string, id: string): Actor => ({
  ...programOf(partnerId, id),
  stores: 'ALL',
  locations: 'ALL',
});
