// Orders of the sample department: one or more in every state, placed in the last two days.

import type { Tx } from '../../../src/core/db.ts';
import {
  cancelOrder,
  completeOrder,
  confirmOrder,
  holdOrder,
  releaseOrder,
} from '../../../src/orders/actions/change-order.ts';
import { placeOrder } from '../../../src/orders/actions/place-order.ts';
import type { Variants } from './catalog.ts';
import type { ActorOf } from './people.ts';
import type { Places } from './places.ts';

/** Whom an order goes to: name, province, city, district, street. */
type Receiver = readonly [name: string, region: string, city: string, district: string, street: string];

type Deed =
  | { act: 'CONFIRM' | 'COMPLETE' | 'RELEASE' | 'CANCEL'; hour: number }
  | { act: 'HOLD'; hour: number; kind: 'ADDRESS' | 'RISK' | 'CUSTOMER_REQUEST'; reason: string }
  | { act: 'CANCEL_LINE'; hour: number; sku: string; quantity: number };

interface SampleOrder {
  store: keyof Places['stores'];
  /** Hours before now at which it was placed, as `hour` of what follows. */
  hour: number;
  to: Receiver;
  lines: readonly (readonly [sku: string, quantity: number])[];
  deeds: readonly Deed[];
}

const orders: readonly SampleOrder[] = [
  {
    store: 'main',
    hour: 46,
    to: ['李明', '上海市', '上海市', '浦东新区', '世纪大道100号'],
    lines: [
      ['TEE-WHITE-M', 2],
      ['TOTE-NATURAL', 1],
    ],
    deeds: [
      { act: 'CONFIRM', hour: 45 },
      { act: 'COMPLETE', hour: 6 },
    ],
  },
  {
    store: 'tmall',
    hour: 44,
    to: ['张伟', '广东省', '广州市', '天河区', '体育西路8号'],
    lines: [['BUDS-WHITE', 1]],
    deeds: [
      { act: 'CONFIRM', hour: 43 },
      { act: 'COMPLETE', hour: 4 },
    ],
  },
  {
    store: 'main',
    hour: 30,
    to: ['Anna Berg', '北京市', '北京市', '朝阳区', '建国路1号'],
    lines: [['COOKBOOK', 1]],
    deeds: [{ act: 'CANCEL', hour: 29 }],
  },
  {
    store: 'main',
    hour: 26,
    to: ['王磊', '浙江省', '杭州市', '西湖区', '文三路20号'],
    lines: [
      ['LAMP', 1],
      ['RICE-5KG', 2],
    ],
    deeds: [{ act: 'CONFIRM', hour: 25 }],
  },
  {
    store: 'tmall',
    hour: 22,
    to: ['刘洋', '四川省', '成都市', '武侯区', '人民南路4号'],
    lines: [
      ['BOTTLE-GREEN', 9],
      ['BOTTLE-SILVER', 3],
    ],
    deeds: [{ act: 'CONFIRM', hour: 21 }],
  },
  {
    store: 'main',
    hour: 12,
    to: ['陈静', '江苏省', '苏州市', '姑苏区', '观前街6号'],
    lines: [
      ['SHIRT-BLUE-L', 2],
      ['TEE-NAVY-M', 3],
    ],
    deeds: [
      { act: 'CANCEL_LINE', hour: 11, sku: 'TEE-NAVY-M', quantity: 1 },
      { act: 'CONFIRM', hour: 10 },
    ],
  },
  {
    store: 'tmall',
    hour: 9,
    to: ['赵敏', '湖北省', '武汉市', '洪山区', '珞喻路12号'],
    lines: [
      ['TEE-WHITE-L', 1],
      ['TEE-NAVY-L', 1],
    ],
    deeds: [
      {
        act: 'HOLD',
        hour: 8,
        kind: 'CUSTOMER_REQUEST',
        reason: 'The customer asks for another size. 客户咨询换尺码。',
      },
      { act: 'RELEASE', hour: 7 },
      { act: 'CONFIRM', hour: 6 },
    ],
  },
  {
    store: 'main',
    hour: 5,
    to: ['孙丽', '山东省', '青岛市', '市南区', '香港中路3号'],
    lines: [['BUDS-WHITE', 20]],
    deeds: [
      { act: 'CONFIRM', hour: 4 },
      {
        act: 'HOLD',
        hour: 3,
        kind: 'RISK',
        reason: 'Twenty pairs for one private address. 单一地址大量购买。',
      },
    ],
  },
  {
    store: 'main',
    hour: 3,
    to: ['周杰', '福建省', '厦门市', '思明区', '中山路'],
    lines: [['SHIRT-NATURAL-M', 1]],
    deeds: [{ act: 'HOLD', hour: 2, kind: 'ADDRESS', reason: 'The house number is missing. 缺少门牌号。' }],
  },
  {
    store: 'tmall',
    hour: 2,
    to: ['吴迪', '重庆市', '重庆市', '渝中区', '解放碑1号'],
    lines: [['BUDS-BLACK', 3]],
    deeds: [],
  },
  {
    store: 'main',
    hour: 1,
    to: ['Emil Novak', '上海市', '上海市', '徐汇区', '衡山路9号'],
    lines: [['TOTE-BLACK', 1]],
    deeds: [],
  },
  {
    store: 'main',
    hour: 0.2,
    to: ['郑爽朗', '天津市', '天津市', '和平区', '南京路88号'],
    lines: [
      ['LAMP', 1],
      ['COOKBOOK', 1],
      ['RICE-5KG', 1],
    ],
    deeds: [],
  },
];

interface Around {
  places: Places;
  variants: Variants;
  at: Date;
}

type Moment = { hour: number; run: () => Promise<void> };

/** Place the orders and do with them what was done, in the order of time over all of them. */
export async function seedOrders(tx: Tx, actorOf: ActorOf, around: Around): Promise<void> {
  const moments = orders.flatMap((order, i) => momentsOf(tx, actorOf, order, { ...around, number: i + 1 }));
  for (const { run } of moments.sort((a, b) => b.hour - a.hour)) await run();
}

function momentsOf(
  tx: Tx,
  actorOf: ActorOf,
  order: SampleOrder,
  around: Around & { number: number },
): Moment[] {
  let orderId = '';
  const before = (hour: number) => new Date(around.at.getTime() - hour * 3_600_000);
  return [
    {
      hour: order.hour,
      run: async () => {
        const actor = actorOf(order.store === 'main' ? 'customer_service' : 'order_clerk');
        orderId = (await placeOrder(tx, actor, inputOf(order, around), before(order.hour))).id;
      },
    },
    ...order.deeds.map((deed) => ({
      hour: deed.hour,
      run: () =>
        perform(tx, actorOf, {
          orderId,
          deed,
          key: `sample-order-${around.number}-${deed.act}`,
          at: before(deed.hour),
        }),
    })),
  ];
}

function inputOf(
  { store, to, lines }: SampleOrder,
  { places, variants, number }: Around & { number: number },
) {
  const [name, region, city, district, street] = to;
  return {
    idempotencyKey: `sample-order-${number}`,
    storeId: places.stores[store],
    ...(store === 'tmall' ? { externalReference: `TM-2026110000${String(number).padStart(2, '0')}` } : {}),
    contact: { name, email: `customer-${number}@example.com` },
    address: { country: 'CN', region, city, district, lines: [street] },
    lines: lines.map(([sku, quantity]) => ({ variantId: variants.get(sku) ?? '', quantity })),
  };
}

interface Performance {
  orderId: string;
  deed: Deed;
  key: string;
  at: Date;
}

async function perform(tx: Tx, actorOf: ActorOf, { orderId, deed, key, at }: Performance): Promise<void> {
  const clerk = actorOf('order_clerk');
  const service = actorOf('customer_service');
  if (deed.act === 'CONFIRM') await confirmOrder(tx, clerk, { orderId }, at);
  if (deed.act === 'COMPLETE') await completeOrder(tx, clerk, { orderId, idempotencyKey: key }, at);
  if (deed.act === 'HOLD')
    await holdOrder(tx, service, { orderId, kind: deed.kind, reason: deed.reason }, at);
  if (deed.act === 'RELEASE') {
    const { id } = await tx.orderHold.findFirstOrThrow({
      where: { orderId, releasedAt: null },
      select: { id: true },
    });
    await releaseOrder(
      tx,
      service,
      { orderHoldId: id, reason: 'The customer keeps the size. 客户确认尺码。' },
      at,
    );
  }
  if (deed.act === 'CANCEL') {
    await cancelOrder(tx, service, { orderId, idempotencyKey: key, reason: 'CUSTOMER_REQUEST' }, at);
  }
  if (deed.act === 'CANCEL_LINE') {
    const { id } = await tx.orderLine.findFirstOrThrow({
      where: { orderId, sku: deed.sku },
      select: { id: true },
    });
    const lines = [{ orderLineId: id, quantity: deed.quantity }];
    await cancelOrder(
      tx,
      service,
      { orderId, idempotencyKey: key, reason: 'CUSTOMER_REQUEST', note: 'One less', lines },
      at,
    );
  }
}
