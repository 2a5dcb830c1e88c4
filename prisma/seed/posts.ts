// The posts that come with Dayshift (岗位) and what each may do. Reference data: written again at every start.

import type { Permission } from '../../src/core/actor.ts';
import { listPermissions } from '../../src/core/actor.ts';
import { db } from '../../src/core/db.ts';
import { newId } from '../../src/core/ids.ts';

interface ReferencePost {
  code: string;
  en: string;
  zh: string;
  permissions: readonly Permission[];
}

const seesShop = [
  'products.read',
  'stock.read',
  'orders.read',
  'shipments.read',
  'board.read',
] as const satisfies Permission[];

/** Those who pack and send. */
const ships = ['shipments.prepare', 'shipments.dispatch'] as const satisfies Permission[];

/** Those who work with orders write to each other about them. */
const remarks = ['orders.remark', 'orders.readRemarks'] as const satisfies Permission[];

const posts: readonly ReferencePost[] = [
  {
    code: 'product_editor',
    en: 'Product editor',
    zh: '商品编辑',
    permissions: [...seesShop, 'products.edit', 'images.upload', 'categories.manage'],
  },
  {
    code: 'visual_designer',
    en: 'Visual designer',
    zh: '美工',
    permissions: ['products.read', 'products.edit', 'images.upload'],
  },
  {
    code: 'reviewer',
    en: 'Reviewer',
    zh: '审核员',
    permissions: [...seesShop, 'products.review', 'products.publish'],
  },
  { code: 'buyer', en: 'Buyer', zh: '采购', permissions: [...seesShop, 'stock.receive', 'stock.plan'] },
  {
    code: 'order_clerk',
    en: 'Order clerk',
    zh: '订单专员',
    permissions: [
      ...seesShop,
      'orders.place',
      'stock.reserve',
      'orders.confirm',
      'orders.hold',
      'orders.cancel',
      'orders.complete',
      ...remarks,
      'contacts.reveal',
      'customers.read',
      ...ships,
      'payments.read',
      'payments.start',
    ],
  },
  {
    code: 'warehouse',
    en: 'Warehouse',
    zh: '仓库',
    permissions: [
      ...seesShop,
      'stock.receive',
      'stock.adjust',
      'stock.transfer',
      ...remarks,
      'contacts.read',
      ...ships,
      'shipments.track',
    ],
  },
  {
    code: 'customer_service',
    en: 'Customer service',
    zh: '客服',
    permissions: [
      ...seesShop,
      'orders.place',
      'stock.reserve',
      'orders.hold',
      'orders.cancel',
      ...remarks,
      'contacts.read',
      'customers.read',
      'customers.manage',
      'shipments.track',
      'payments.read',
      'payments.start',
    ],
  },
  {
    code: 'after_sales',
    en: 'After-sales',
    zh: '售后',
    permissions: [
      ...seesShop,
      'orders.hold',
      'orders.cancel',
      ...remarks,
      'contacts.reveal',
      'customers.read',
      'shipments.track',
      'payments.read',
      'refunds.create',
    ],
  },
  {
    code: 'marketing',
    en: 'Marketing',
    zh: '营销',
    permissions: [...seesShop, 'prices.set', 'listings.set'],
  },
  { code: 'ad_buyer', en: 'Ad buyer', zh: '投放', permissions: ['products.read', 'board.read'] },
  {
    code: 'live_operator',
    en: 'Live-stream operator',
    zh: '直播运营',
    permissions: [...seesShop, 'listings.set'],
  },
  { code: 'analyst', en: 'Analyst', zh: '数据分析', permissions: [...seesShop, 'events.read'] },
  {
    code: 'finance',
    en: 'Finance',
    zh: '财务',
    permissions: [
      ...seesShop,
      'events.read',
      ...remarks,
      'partners.read',
      'payments.read',
      'payments.record',
      'refunds.settle',
    ],
  },
  {
    code: 'store_manager',
    en: 'Store manager',
    zh: '店长',
    permissions: [
      ...seesShop,
      'prices.set',
      'listings.set',
      'products.publish',
      'stock.plan',
      'orders.place',
      'stock.reserve',
      'orders.confirm',
      'orders.hold',
      'orders.cancel',
      'orders.complete',
      'staff.read',
      'partners.read',
      ...remarks,
      'contacts.reveal',
      'customers.read',
      ...ships,
      'payments.read',
      'payments.start',
      'payments.record',
      'refunds.create',
    ],
  },
  {
    code: 'supervisor',
    en: 'Supervisor',
    zh: '主管',
    permissions: [
      ...seesShop,
      'products.review',
      'products.publish',
      'prices.set',
      'listings.set',
      'stock.plan',
      'stock.adjust',
      'orders.confirm',
      'orders.hold',
      'orders.cancel',
      'orders.complete',
      'staff.read',
      'partners.read',
      'events.read',
      ...remarks,
      'contacts.reveal',
      'contacts.erase',
      'customers.read',
      'customers.manage',
      'customers.erase',
      ...ships,
      'shipments.track',
      'carriers.manage',
      'payments.read',
      'refunds.create',
    ],
  },
  { code: 'administrator', en: 'Administrator', zh: '管理员', permissions: [] },
];

/** Bring the reference posts up to this version of Dayshift. An administrator has every permission there is. */
export async function seedPosts(at: Date): Promise<void> {
  const every = listPermissions().map((permission) => permission.name);
  for (const { code, en, zh, permissions } of posts) {
    const granted = code === 'administrator' ? every : [...permissions].sort();
    await db.post.upsert({
      where: { code },
      create: { id: newId(), code, permissions: granted, reference: true, createdAt: at },
      update: { permissions: granted, reference: true },
    });
    const { id: postId } = await db.post.findUniqueOrThrow({ where: { code }, select: { id: true } });
    for (const [locale, name] of [
      ['en', en],
      ['zh', zh],
    ] as const) {
      await db.postText.upsert({
        where: { postId_locale: { postId, locale } },
        create: { postId, locale, name },
        update: { name },
      });
    }
  }
}
