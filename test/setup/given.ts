// What a test takes as given, made through the public API only: people and places; goods are in goods.ts.

import { randomBytes } from 'node:crypto';
import type { App } from './app.ts';
import type { Client } from './client.ts';
import { type GivenGoods, goodsIn } from './goods.ts';
import { type GivenPartners, partnersIn } from './partners.ts';

export interface StaffWishes {
  /** Codes of reference posts: `order_clerk`. */
  posts?: readonly string[];
  /** Permissions of a post that is defined for this person alone. */
  permissions?: readonly string[];
  /** Ids of stores, or all of them. Default: all. */
  stores?: readonly string[] | 'ALL';
  /** Ids of locations, or all of them. Default: all. */
  locations?: readonly string[] | 'ALL';
  locale?: 'en' | 'zh';
  email?: string;
}

export interface CustomerWishes {
  name?: string;
  email?: string;
  phone?: string;
  locale?: 'en' | 'zh';
}

export interface LocationWishes {
  code?: string;
  name?: string;
  /** Stores that it serves, each with `priority`. */
  stores?: readonly string[];
  /** Orders take from the lowest number first. Default: 1. */
  priority?: number;
}

export interface Given extends GivenGoods, GivenPartners {
  /** A new member of staff, hired by the administrator and logged in. */
  staff(wishes?: StaffWishes): Promise<Client>;
  /** A new customer of the shops, registered and logged in. */
  customer(wishes?: CustomerWishes): Promise<Client>;
  /** Somebody who buys without an account, known by a token of their own making. */
  guest(): Client;
  /** Global id of a reference post. */
  postId(code: string): Promise<string>;
  /** Global id of a post that was defined with these permissions. */
  post(permissions: readonly string[]): Promise<string>;
  /** Global id of a new location. */
  location(wishes?: LocationWishes): Promise<string>;
}

let made = 0;

/** A name that nothing else in this file has: `shelf-12`. */
export const uniqueName = (prefix: string): string => `${prefix}-${++made}`;

/** An idempotency key. */
export const newKey = (): string => crypto.randomUUID();

export const PASSWORD = 'a password of the tests';

/** The builders of one running Dayshift. */
export function givenIn(app: Omit<App, 'given'>): Given {
  const { admin } = app;
  const texts = (name: string) => [{ locale: 'en', name }];

  const people = {
    async staff({ posts = [], permissions, stores = 'ALL', locations = 'ALL', ...wishes }: StaffWishes = {}) {
      const postIds = await Promise.all(posts.map(people.postId));
      if (permissions || postIds.length === 0) postIds.push(await people.post(permissions ?? []));
      const email = wishes.email ?? `${uniqueName('staff')}@test.example`;
      await admin.act('staffHire', {
        name: 'Somebody',
        email,
        password: PASSWORD,
        locale: wishes.locale ?? 'en',
        postIds,
        ...(stores === 'ALL' ? { allStores: true } : { storeIds: stores }),
        ...(locations === 'ALL' ? { allLocations: true } : { locationIds: locations }),
      });
      return app.login(email, PASSWORD);
    },

    async customer(wishes: CustomerWishes = {}) {
      const { token } = await app.anonymous.act<{ token: string }>(
        'customerRegister',
        {
          name: 'A customer',
          email: `${uniqueName('customer')}@test.example`,
          password: PASSWORD,
          ...wishes,
        },
        'token',
      );
      const { viewerCustomer } = await app
        .clientFor(token)
        .ok<{ viewerCustomer: { id: string } }>('{ viewerCustomer { id } }');
      return app.clientFor(token, { customerId: viewerCustomer.id });
    },

    guest: () => app.clientFor(`ds_guest_${randomBytes(16).toString('base64url')}`),

    async postId(code: string) {
      const { posts } = await admin.ok<{ posts: { edges: { node: { id: string; code: string } }[] } }>(
        '{ posts(first: 100) { edges { node { id code } } } }',
      );
      const found = posts.edges.find(({ node }) => node.code === code);
      if (!found) throw new Error(`there is no post ${code}`);
      return found.node.id;
    },

    async post(permissions: readonly string[]) {
      const input = { code: uniqueName('post'), texts: texts('A post'), permissions };
      const { post } = await admin.act<{ post: { id: string } }>('postDefine', input, 'post { id }');
      return post.id;
    },

    async location({
      code = uniqueName('location'),
      name = 'A location',
      stores,
      priority = 1,
    }: LocationWishes = {}) {
      const served = stores?.map((storeId) => ({ storeId, priority }));
      const input = { code, texts: texts(name), ...(served ? { stores: served } : {}) };
      const { location } = await admin.act<{ location: { id: string } }>(
        'locationOpen',
        input,
        'location { id }',
      );
      return location.id;
    },
  };
  return {
    ...people,
    ...goodsIn({ admin, uniqueName, newKey, ...people }),
    ...partnersIn({ ...app, uniqueName }),
  };
}
