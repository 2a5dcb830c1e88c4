// What the tests of keys read of a key and do with it.

import type { App } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';

export const KEY = `name prefix lastFour scopes permissions allStores allLocations stores { id } locations { id }
  networks expiresAt revokedAt isActive lastUsedAt lastUsedAddress version partner { code }`;

export interface ApiKey {
  id: string;
  prefix: string;
  lastFour: string;
  scopes: string[];
  permissions: string[];
  expiresAt: string | null;
  revokedAt: string | null;
  isActive: boolean;
  lastUsedAt: string | null;
  lastUsedAddress: string | null;
  version: number;
}

export const works = async (client: Client): Promise<boolean> =>
  (await client.run('{ __typename }')).status === 200;

export function keyringOf({ admin, given }: App) {
  return {
    async read(keyId: string): Promise<ApiKey> {
      const document = `query ($id: ID!) { node(id: $id) { ... on ApiKey { ${KEY} } } }`;
      return (await admin.ok<{ node: ApiKey }>(document, { id: keyId })).node;
    },

    rotate: (keyId: string, changes: object = {}) =>
      admin.act<{ apiKey: ApiKey; secret: string }>(
        'keyRotate',
        { keyId, ...changes },
        `apiKey { id ${KEY} } secret`,
      ),

    /** The input of a key that nothing is wrong with. */
    input: async (changes: object = {}) => ({
      partnerId: await given.partner(),
      name: 'Orders of the marketplace',
      scopes: ['orders:read'],
      allStores: true,
      ...changes,
    }),
  };
}
