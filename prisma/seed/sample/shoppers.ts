// Shoppers of the sample department: two customers with an account, and a guest.

import { randomBytes } from 'node:crypto';
import { type Actor, anonymous, shopperPermissions } from '../../../src/core/actor.ts';
import type { Tx } from '../../../src/core/db.ts';
import { hashToken } from '../../../src/core/secrets.ts';
import { keepAddress } from '../../../src/identity/actions/customer-addresses.ts';
import { registerCustomer } from '../../../src/identity/actions/customers.ts';

export interface Customer {
  email: string;
  name: string;
}

/** Whom something goes to: name, province, city, district, street. */
export type Receiver = readonly [
  name: string,
  region: string,
  city: string,
  district: string,
  street: string,
];

export const receivers = {
  liMing: ['李明', '上海市', '上海市', '浦东新区', '世纪大道100号'],
  zhengShuang: ['郑爽朗', '天津市', '天津市', '和平区', '南京路88号'],
} as const satisfies Record<string, Receiver>;

const accounts = {
  liMing: { email: 'li.ming@example.com', phone: '+8613800138001', to: receivers.liMing },
  zhengShuang: { email: 'zheng.shuanglang@example.com', phone: '+8613800138002', to: receivers.zhengShuang },
} as const;

/** Those who buy for themselves. */
export type ShopperCode = keyof typeof accounts | 'guest';

export interface Shoppers {
  customers: Customer[];
  actors: Readonly<Record<ShopperCode, Actor>>;
}

export const addressOf = ([, region, city, district, street]: Receiver) => ({
  country: 'CN',
  region,
  city,
  district,
  lines: [street],
});

/** Register the customers, each with the address that they keep. */
export async function seedShoppers(
  tx: Tx,
  { passwordHash, at }: { passwordHash: string; at: Date },
): Promise<Shoppers> {
  const visitor = anonymous({ source: 'seed', locale: 'zh' });
  const register = async ({ email, phone, to }: (typeof accounts)[keyof typeof accounts]): Promise<Actor> => {
    const [name] = to;
    await registerCustomer(tx, visitor, { name, email, phone, passwordHash }, at);
    const { customerId: id } = await tx.customerPerson.findUniqueOrThrow({ where: { email } });
    const customer: Actor = { ...visitor, kind: 'CUSTOMER', id, permissions: shopperPermissions() };
    await keepAddress(tx, customer, { name, phone, address: addressOf(to), preferred: true }, at);
    return customer;
  };
  return {
    customers: Object.values(accounts).map(({ email, to: [name] }) => ({ email, name })),
    actors: {
      liMing: await register(accounts.liMing),
      zhengShuang: await register(accounts.zhengShuang),
      guest: {
        ...visitor,
        kind: 'GUEST',
        guestHash: hashToken(`ds_guest_${randomBytes(16).toString('base64url')}`),
        permissions: shopperPermissions(),
      },
    },
  };
}
