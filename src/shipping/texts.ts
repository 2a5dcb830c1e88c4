// What shipping says to people, in every language.

import { defineErrors } from '../core/errors.ts';
import { defineReasons, defineTitles, defineTypeTitles } from '../core/texts.ts';

export const shippingProblem = defineErrors({
  CARRIER_ARCHIVED: { en: 'This carrier is archived.', zh: '该承运商已停用。' },
  CARRIER_MISSING: {
    en: 'A tracking number is one of a carrier: name the carrier.',
    zh: '运单号须与承运商一同填写。',
  },
  TRACKING_NUMBER_MISSING: {
    en: 'The tracking number is the former carrier’s: give the new carrier’s number.',
    zh: '原运单号属于原承运商，请填写新承运商的运单号。',
  },
  TRACKING_NUMBER_TAKEN: {
    en: 'Another shipment has this tracking number already.',
    zh: '该运单号已用于其他发货单。',
  },
  NOTHING_TO_SHIP: {
    en: 'Nothing of this order is allocated here and in no other shipment.',
    zh: '该订单在此仓库没有可发货的商品。',
  },
  SHIPMENT_EXCEEDS_OPEN: {
    en: 'Only {open} units of this line are still to be dispatched.',
    zh: '该行仅剩 {open} 件待发货。',
  },
  SHIPMENT_EXCEEDS_HERE: {
    en: 'Only {free} units of this line are allocated here and in no other shipment.',
    zh: '该行在此仓库仅有 {free} 件已分配且未在其他发货单中。',
  },
  TOO_MANY_TRACKING_EVENTS: {
    en: 'At most {max} tracking events are kept of one parcel.',
    zh: '每个包裹最多保留 {max} 条物流轨迹。',
  },
});

defineTypeTitles({
  Carrier: { en: 'carrier', zh: '承运商' },
  Shipment: { en: 'shipment', zh: '发货单' },
  ShipmentLine: { en: 'shipment line', zh: '发货明细' },
  TrackingEvent: { en: 'tracking event', zh: '物流轨迹' },
});

export const shipmentStates = defineTitles('ShipmentState', {
  PREPARED: { en: 'Prepared', zh: '待发货' },
  DISPATCHED: { en: 'Dispatched', zh: '已发货' },
  IN_TRANSIT: { en: 'On its way', zh: '运输中' },
  AT_PICKUP_POINT: { en: 'At a pickup point', zh: '待自提' },
  DELIVERED: { en: 'Delivered', zh: '已签收' },
  REFUSED: { en: 'Refused', zh: '已拒收' },
  RETURNED: { en: 'Returned to us', zh: '已退回' },
  LOST: { en: 'Lost', zh: '已丢失' },
  CANCELLED: { en: 'Cancelled', zh: '已取消' },
});

export const trackingStatuses = defineTitles('TrackingStatus', {
  PICKED_UP: { en: 'Picked up by the carrier', zh: '已揽收' },
  IN_TRANSIT: { en: 'On its way', zh: '运输中' },
  OUT_FOR_DELIVERY: { en: 'Out for delivery', zh: '派送中' },
  AT_PICKUP_POINT: { en: 'Waiting at a pickup point', zh: '待自提' },
  DELIVERED: { en: 'Delivered', zh: '已签收' },
  REFUSED: { en: 'Refused by the receiver', zh: '收件人拒收' },
  RETURNED: { en: 'Returned to the sender', zh: '已退回寄件人' },
  LOST: { en: 'Lost', zh: '已丢失' },
  EXCEPTION: { en: 'Something is wrong', zh: '异常' },
});

export const shipmentActions = defineTitles('ShipmentAction', {
  DISPATCH: { en: 'Dispatch', zh: '发货' },
  CHANGE: { en: 'Change carrier or tracking number', zh: '修改承运商或运单号' },
  CANCEL: { en: 'Cancel', zh: '取消' },
});

const ownReason = defineReasons({
  shipmentRefused: { en: 'The receiver refused shipment {number}.', zh: '发货单 {number} 被收件人拒收。' },
  shipmentReturned: { en: 'Shipment {number} came back.', zh: '发货单 {number} 已退回。' },
  shipmentLost: { en: 'The carrier lost shipment {number}.', zh: '发货单 {number} 已丢失。' },
});

/** Why the product itself puts an order on hold, given the `number` of a shipment. */
export const troubleReasons = {
  REFUSED: ownReason.shipmentRefused,
  RETURNED: ownReason.shipmentReturned,
  LOST: ownReason.shipmentLost,
} as const;
