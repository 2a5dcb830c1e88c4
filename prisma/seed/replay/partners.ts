// The partners of the demo: a marketplace, a payment gateway and a carrier, opened through the API.

import { type Api, apiAt } from './api.ts';
import { ensure, inBoth } from './ensure.ts';
import { type Machine, machineAt } from './machines.ts';
import { edgesOf, nodesOf, type Page } from './pages.ts';
import type { Crew } from './people.ts';

export interface Partners {
  /** The marketplace's program, which pushes orders with its key. */
  marketplace: Api;
  gateway: Machine & { connectionCode: string };
  carrier: Machine & { carrierId: string; code: string };
}

const partners = [
  { code: 'gift-mall', kind: 'MARKETPLACE', texts: inBoth({ en: 'Gift mall', zh: '礼品商城' }) },
  { code: 'card-pay', kind: 'PAYMENT_GATEWAY', texts: inBoth({ en: 'Card Pay', zh: '卡付通' }) },
  { code: 'parcel-post', kind: 'CARRIER', texts: inBoth({ en: 'Parcel post', zh: '包裹邮政' }) },
] as const;
const [marketplace, gateway, carrier] = partners;

const CARRIER = 'royal-mail';
const KEY = 'Order sync';

/**
 * Open the partners that are not there yet. Keys and secrets are told once: those of an earlier demo are replaced, so
 * that nothing secret is kept.
 */
export async function openPartners(
  { admin, origin, signal }: Crew,
  marketStoreId: string,
): Promise<Partners> {
  const kind = { list: 'partners', mutation: 'partnerOpen', noun: 'partner' };
  const ids = await ensure(admin, kind, partners);
  const known = await nodesOf<KnownPartner>(admin, 'partners', KNOWN);
  const partnerOf = ({ code }: { code: string }) =>
    known.find(({ id }) => id === ids.get(code)) ?? missing(code);
  const machineOf = async (kind: 'PAYMENT' | 'TRACKING', partner: KnownPartner) => {
    const { connection, secret } = await connect(admin, kind, partner);
    return { connection, machine: machineAt(`${origin}${connection.path}`, secret, signal) };
  };
  const payments = await machineOf('PAYMENT', partnerOf(gateway));
  const tracking = await machineOf('TRACKING', partnerOf(carrier));
  return {
    marketplace: apiAt(
      `${origin}/graphql`,
      await keyFor(admin, partnerOf(marketplace), marketStoreId),
      signal,
    ),
    gateway: { ...payments.machine, connectionCode: payments.connection.code },
    carrier: {
      ...tracking.machine,
      code: CARRIER,
      carrierId: await letReport(admin, tracking.connection.id),
    },
  };
}

interface KnownPartner {
  id: string;
  code: string;
  keys: Page<{ id: string; name: string; isActive: boolean }>;
  connections: Page<Connection>;
}

interface Connection {
  id: string;
  code: string;
  path: string;
}

const KNOWN = `id code keys(first: 50) { edges { node { id name isActive } } }
  connections(first: 5) { edges { node { id code path } } }`;

const missing = (code: string): never => {
  throw new Error(`there is no partner ${code}`);
};

/** The connection of a partner, opened where there is none, with a new secret. */
async function connect(
  admin: Api,
  kind: 'PAYMENT' | 'TRACKING',
  { id: partnerId, code, connections }: KnownPartner,
): Promise<{ connection: Connection; secret: string }> {
  const [known] = edgesOf(connections);
  const selection = 'connection { id code path } secret';
  const [mutation, input] = known
    ? (['connectionRotate', { connectionId: known.id, overlapHours: 0 }] as const)
    : (['connectionOpen', { partnerId, code, kind }] as const);
  const [made] = await admin.actAll<{ connection: Connection; secret: string }>(mutation, [input], selection);
  return made ?? missing(code);
}

/** A key with which the marketplace's program pushes orders of its store. */
async function keyFor(admin: Api, { id: partnerId, code, keys }: KnownPartner, storeId: string) {
  const known = edgesOf(keys).find(({ name, isActive }) => name === KEY && isActive);
  const scopes = ['orders.push', 'orders.read'];
  const [mutation, input] = known
    ? (['keyRotate', { keyId: known.id, overlapHours: 0 }] as const)
    : (['keyIssue', { partnerId, name: KEY, scopes, storeIds: [storeId] }] as const);
  const [made] = await admin.actAll<{ secret: string }>(mutation, [input], 'secret');
  return made?.secret ?? missing(code);
}

/** Let the carrier's machine report on its parcels. Returns the carrier's id. */
async function letReport(admin: Api, connectionId: string): Promise<string> {
  type Carrier = { id: string; code: string; version: number; connection: { id: string } | null };
  const carriers = await nodesOf<Carrier>(admin, 'carriers', 'id code version connection { id }');
  const known = carriers.find(({ code }) => code === CARRIER) ?? missing(CARRIER);
  const change = { carrierId: known.id, expectedVersion: known.version, connectionId };
  if (known.connection?.id !== connectionId) await admin.actAll('carrierChange', [change]);
  return known.id;
}
