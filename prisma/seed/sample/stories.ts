// What the orders of the sample department tell: who bought what, and what was done with it, in the last two days.

import type { OrderFlag, OrderHoldKind, TrackingStatus } from '../../../src/generated/prisma/enums.ts';
import type { PostCode } from './people.ts';
import type { Places } from './places.ts';
import { type Receiver, receivers, type ShopperCode } from './shoppers.ts';

/** Units by SKU. */
export type Units = readonly (readonly [sku: string, quantity: number])[];

/** What there is to say of each act. */
interface Details {
  CONFIRM: object;
  COMPLETE: object;
  CANCEL: object;
  CANCEL_LINE: { sku: string; quantity: number };
  HOLD: { kind: OrderHoldKind; reason: string };
  RELEASE: { reason: string };
  FLAG: { flag: OrderFlag };
  REMARK: { text: string; mentions?: readonly PostCode[] };
  /** The marketplace tells that the order went on there. */
  PUSH: { state: 'PAID' | 'COMPLETED' };
  PAY: { by: 'GATEWAY' | 'BANK_TRANSFER' | 'CASH_ON_DELIVERY' };
  REFUND: { sku: string; quantity: number };
  /** The money of a refund was transferred by hand. */
  SETTLE: object;
  PREPARE: { from: keyof Places['locations'] };
  DISPATCH: { from: keyof Places['locations']; units?: Units };
  TRACK: { status: TrackingStatus; place: string };
}

export type Act = keyof Details;

/** Something that was done with an order; `hour` counts back from now, as all hours here. */
export type Deed<One extends Act = Act> = {
  [Each in One]: { act: Each; hour: number } & Details[Each];
}[One];

export interface Story {
  /** Hours before now at which it was placed. */
  hour: number;
  to: Receiver;
  lines: Units;
  /** Who placed it: a shopper on the own site, customer service there, or the marketplace. */
  by: ShopperCode | 'service' | 'marketplace';
  /** Paid when it was placed; of the marketplace only. */
  isPaid?: boolean;
  /** Discount of the marketplace on the first line, in yuan. */
  voucher?: string;
  onDelivery?: boolean;
  deeds: readonly Deed[];
}

export const stories: readonly Story[] = [
  // Completed; one unit came back, and its money went back by hand.
  {
    hour: 46,
    to: receivers.liMing,
    by: 'liMing',
    lines: [
      ['TEE-WHITE-M', 2],
      ['TOTE-NATURAL', 1],
    ],
    deeds: [
      { act: 'PAY', hour: 45.9, by: 'GATEWAY' },
      { act: 'CONFIRM', hour: 45.7 },
      { act: 'DISPATCH', hour: 44, from: 'shanghai' },
      { act: 'TRACK', hour: 42, status: 'PICKED_UP', place: '上海浦东营业点' },
      { act: 'TRACK', hour: 24, status: 'OUT_FOR_DELIVERY', place: '上海浦东营业点' },
      { act: 'TRACK', hour: 20, status: 'DELIVERED', place: '上海市浦东新区' },
      { act: 'COMPLETE', hour: 8 },
      { act: 'REFUND', hour: 6, sku: 'TEE-WHITE-M', quantity: 1 },
      { act: 'SETTLE', hour: 5 },
    ],
  },
  // Completed, because the marketplace says so. It bears a voucher of its own.
  {
    hour: 44,
    to: ['张伟', '广东省', '广州市', '天河区', '体育西路8号'],
    by: 'marketplace',
    isPaid: true,
    voucher: '20.00',
    lines: [['BUDS-WHITE', 1]],
    deeds: [
      { act: 'CONFIRM', hour: 43.5 },
      { act: 'DISPATCH', hour: 42, from: 'guangzhou' },
      { act: 'TRACK', hour: 40, status: 'PICKED_UP', place: '广州白云集散点' },
      { act: 'TRACK', hour: 18, status: 'DELIVERED', place: '广州市天河区' },
      { act: 'PUSH', hour: 4, state: 'COMPLETED' },
    ],
  },
  // Delivered; it completes by itself when its days are over.
  {
    hour: 40,
    to: receivers.liMing,
    by: 'liMing',
    lines: [['BOTTLE-SILVER', 2]],
    deeds: [
      { act: 'PAY', hour: 39.8, by: 'GATEWAY' },
      { act: 'CONFIRM', hour: 39.6 },
      { act: 'DISPATCH', hour: 36, from: 'shanghai' },
      { act: 'TRACK', hour: 34, status: 'PICKED_UP', place: '上海浦东营业点' },
      { act: 'TRACK', hour: 10, status: 'DELIVERED', place: '上海市浦东新区' },
    ],
  },
  // Cancelled by the guest who placed it, and paid back.
  {
    hour: 30,
    to: ['Anna Berg', '北京市', '北京市', '朝阳区', '建国路1号'],
    by: 'guest',
    lines: [['COOKBOOK', 1]],
    deeds: [
      { act: 'PAY', hour: 29.9, by: 'GATEWAY' },
      { act: 'CANCEL', hour: 29.6 },
      { act: 'SETTLE', hour: 26 },
    ],
  },
  // On its way, paid by transfer.
  {
    hour: 26,
    to: ['王磊', '浙江省', '杭州市', '西湖区', '文三路20号'],
    by: 'service',
    lines: [
      ['LAMP', 1],
      ['RICE-5KG', 2],
    ],
    deeds: [
      { act: 'CONFIRM', hour: 25.8 },
      { act: 'PAY', hour: 25.6, by: 'BANK_TRANSFER' },
      { act: 'DISPATCH', hour: 22, from: 'shanghai' },
      { act: 'TRACK', hour: 20, status: 'PICKED_UP', place: '上海青浦集散点' },
      { act: 'TRACK', hour: 8, status: 'IN_TRANSIT', place: '杭州萧山转运中心' },
    ],
  },
  // Sent in part; paid some minutes after it was placed on the marketplace.
  {
    hour: 22,
    to: ['刘洋', '四川省', '成都市', '武侯区', '人民南路4号'],
    by: 'marketplace',
    lines: [
      ['BOTTLE-GREEN', 9],
      ['BOTTLE-SILVER', 3],
    ],
    deeds: [
      { act: 'PUSH', hour: 21.9, state: 'PAID' },
      { act: 'CONFIRM', hour: 21 },
      { act: 'DISPATCH', hour: 19, from: 'guangzhou', units: [['BOTTLE-GREEN', 9]] },
      { act: 'TRACK', hour: 17, status: 'PICKED_UP', place: '广州白云集散点' },
    ],
  },
  // Nobody paid it in time: it was cancelled by its clock.
  {
    hour: 20,
    to: receivers.zhengShuang,
    by: 'zhengShuang',
    lines: [['LAMP', 1]],
    deeds: [],
  },
  // Delivered and paid to the carrier; one unit less than was ordered.
  {
    hour: 12,
    to: ['陈静', '江苏省', '苏州市', '姑苏区', '观前街6号'],
    by: 'service',
    onDelivery: true,
    lines: [
      ['SHIRT-BLUE-L', 2],
      ['TEE-NAVY-M', 3],
    ],
    deeds: [
      { act: 'CONFIRM', hour: 11.7 },
      { act: 'CANCEL_LINE', hour: 11, sku: 'TEE-NAVY-M', quantity: 1 },
      { act: 'DISPATCH', hour: 9, from: 'shanghai' },
      { act: 'TRACK', hour: 7, status: 'PICKED_UP', place: '上海青浦集散点' },
      { act: 'TRACK', hour: 1.5, status: 'DELIVERED', place: '苏州市姑苏区' },
      { act: 'PAY', hour: 0.8, by: 'CASH_ON_DELIVERY' },
    ],
  },
  // Packed, and waiting for the carrier.
  {
    hour: 9,
    to: ['赵敏', '湖北省', '武汉市', '洪山区', '珞喻路12号'],
    by: 'marketplace',
    isPaid: true,
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
      { act: 'RELEASE', hour: 7, reason: 'The customer keeps the size. 客户确认尺码。' },
      { act: 'CONFIRM', hour: 6 },
      { act: 'PREPARE', hour: 1, from: 'guangzhou' },
    ],
  },
  // Held after it was confirmed: a remark names the one who decides.
  {
    hour: 5,
    to: ['孙丽', '山东省', '青岛市', '市南区', '香港中路3号'],
    by: 'guest',
    lines: [['BUDS-WHITE', 20]],
    deeds: [
      { act: 'PAY', hour: 4.9, by: 'GATEWAY' },
      { act: 'CONFIRM', hour: 4.6 },
      {
        act: 'HOLD',
        hour: 3,
        kind: 'RISK',
        reason: 'Twenty pairs for one private address. 单一地址大量购买。',
      },
      { act: 'FLAG', hour: 2.9, flag: 'RED' },
      {
        act: 'REMARK',
        hour: 2.8,
        text: 'Called her: they are gifts for a company. Please decide. 已电话确认为公司礼品，请主管决定。',
        mentions: ['supervisor'],
      },
    ],
  },
  // Held before it was confirmed, and by now overdue.
  {
    hour: 3,
    to: ['周杰', '福建省', '厦门市', '思明区', '中山路'],
    by: 'service',
    lines: [['SHIRT-NATURAL-M', 1]],
    deeds: [
      { act: 'PAY', hour: 2.9, by: 'GATEWAY' },
      { act: 'HOLD', hour: 2.7, kind: 'ADDRESS', reason: 'The house number is missing. 缺少门牌号。' },
      { act: 'REMARK', hour: 2, text: 'No answer; I try again this evening. 电话未接，今晚再联系。' },
      { act: 'FLAG', hour: 2, flag: 'YELLOW' },
    ],
  },
  // It has the last pairs, so the next order waits.
  {
    hour: 2,
    to: ['吴迪', '重庆市', '重庆市', '渝中区', '解放碑1号'],
    by: 'marketplace',
    isPaid: true,
    lines: [['BUDS-BLACK', 3]],
    deeds: [],
  },
  {
    hour: 1.5,
    to: ['何琳', '湖南省', '长沙市', '岳麓区', '麓山南路2号'],
    by: 'marketplace',
    isPaid: true,
    lines: [['BUDS-BLACK', 2]],
    deeds: [],
  },
  {
    hour: 1,
    to: ['Emil Novak', '上海市', '上海市', '徐汇区', '衡山路9号'],
    by: 'guest',
    lines: [['TOTE-BLACK', 1]],
    deeds: [{ act: 'PAY', hour: 0.9, by: 'GATEWAY' }],
  },
  // Two that nobody has paid yet: the platform closes the one, its clock here the other.
  {
    hour: 0.5,
    to: ['谢芸', '陕西省', '西安市', '雁塔区', '小寨东路5号'],
    by: 'marketplace',
    lines: [['TEE-NAVY-S', 1]],
    deeds: [],
  },
  {
    hour: 0.2,
    to: receivers.zhengShuang,
    by: 'zhengShuang',
    lines: [
      ['LAMP', 1],
      ['COOKBOOK', 1],
      ['RICE-5KG', 1],
    ],
    deeds: [],
  },
];
