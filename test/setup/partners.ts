// Partners that a test takes as given, their keys and their connections, made through the public API only.

import { Webhook } from 'standardwebhooks';
import type { App } from './app.ts';
import type { Client } from './client.ts';

export interface PartnerWishes {
  code?: string;
  kind?: string;
  name?: string;
}

export interface KeyWishes {
  /** Default: a new one. */
  partner?: string;
  name?: string;
  /** Permissions and sets of them. */
  scopes: readonly string[];
  /** Ids of stores, or all of them. Default: all. */
  stores?: readonly string[] | 'ALL';
  /** Ids of locations, or all of them. Default: all. */
  locations?: readonly string[] | 'ALL';
  networks?: readonly string[];
  expiresAt?: string;
  /** Who issues it. Default: the administrator. */
  by?: Client;
}

/** A partner's program: calls with its key. */
export interface KeyClient extends Client {
  readonly token: string;
  readonly keyId: string;
  readonly partnerId: string;
}

export interface ConnectionWishes {
  /** Default: a new one. */
  partner?: string;
  kind?: 'PAYMENT' | 'TRACKING';
  url?: string;
}

export interface SigningWishes {
  id?: string;
  /** Default: the secret of the connection. */
  secret?: string;
  /** Default: now. */
  signedAt?: Date;
  /** What is sent in the place of what was signed. */
  instead?: string;
}

/** A partner's machine: reports on its connection with signed messages. */
export interface Machine {
  readonly connectionId: string;
  readonly partnerId: string;
  readonly code: string;
  readonly path: string;
  readonly secret: string;
  /** POST a signed message; the answer, whatever it is. Text is sent as it is. */
  send(message: object | string, wishes?: SigningWishes): Promise<{ status: number; json: unknown }>;
}

export interface GivenPartners {
  /** Global id of a new partner. */
  partner(wishes?: PartnerWishes): Promise<string>;
  key(wishes: KeyWishes): Promise<KeyClient>;
  connection(wishes?: ConnectionWishes): Promise<Machine>;
}

type Needs = Pick<App, 'admin' | 'origin' | 'clientFor'> & { uniqueName(prefix: string): string };

export function partnersIn({ admin, origin, clientFor, uniqueName }: Needs): GivenPartners {
  const given: GivenPartners = {
    async partner({ code = uniqueName('partner'), kind = 'OTHER', name = 'A partner' } = {}) {
      const input = { code, kind, texts: [{ locale: 'en', name }] };
      const { partner } = await admin.act<{ partner: { id: string } }>(
        'partnerOpen',
        input,
        'partner { id }',
      );
      return partner.id;
    },

    async key({ partner, name = 'A key', stores = 'ALL', locations = 'ALL', by = admin, ...wishes }) {
      const partnerId = partner ?? (await given.partner());
      const input = {
        partnerId,
        name,
        ...(stores === 'ALL' ? { allStores: true } : { storeIds: stores }),
        ...(locations === 'ALL' ? { allLocations: true } : { locationIds: locations }),
        ...wishes,
      };
      const { apiKey, secret } = await by.act<{ apiKey: { id: string }; secret: string }>(
        'keyIssue',
        input,
        'apiKey { id } secret',
      );
      return { ...clientFor(secret), token: secret, keyId: apiKey.id, partnerId };
    },

    async connection({ partner, kind = 'PAYMENT', url } = {}) {
      const partnerKind = kind === 'PAYMENT' ? 'PAYMENT_GATEWAY' : 'CARRIER';
      const partnerId = partner ?? (await given.partner({ kind: partnerKind }));
      const code = uniqueName('connection');
      const { connection, secret } = await admin.act<{
        connection: { id: string; path: string };
        secret: string;
      }>(
        'connectionOpen',
        { partnerId, code, kind, ...(url ? { url } : {}) },
        'connection { id path } secret',
      );
      const machine: Machine = {
        connectionId: connection.id,
        partnerId,
        code,
        path: connection.path,
        secret,
        send: (message, wishes) => post(`${origin}${machine.path}`, message, { secret, ...wishes }),
      };
      return machine;
    },
  };
  return given;
}

async function post(
  url: string,
  message: object | string,
  {
    id = `msg-${crypto.randomUUID()}`,
    secret,
    signedAt = new Date(),
    instead,
  }: SigningWishes & { secret: string },
): Promise<{ status: number; json: unknown }> {
  const body = typeof message === 'string' ? message : JSON.stringify(message);
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(signedAt.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign(id, signedAt, body),
    },
    body: instead ?? body,
  });
  const text = await response.text();
  return { status: response.status, json: text.startsWith('{') ? JSON.parse(text) : text };
}
