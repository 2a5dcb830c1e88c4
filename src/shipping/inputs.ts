// What callers hand in about carriers, shipments and tracking.

import { z } from 'zod';
import {
  ALWAYS,
  boolean,
  code,
  distinct,
  expectedVersion,
  idempotencyKey,
  idOf,
  inputObject,
  issue,
  list,
  moment,
  oneOf,
  quantity,
  text,
  texts,
} from '../core/inputs.ts';
import { shipmentStates, trackingStatuses } from './texts.ts';

const carrierTexts = texts('CarrierTextInput', {
  name: text(1, 80).describe('Name of the carrier.'),
}).describe('Name of the carrier by language.');

const connectionId = () =>
  idOf('Connection').optional().describe('Connection on which the carrier’s machines report tracking.');

export const carrierDefineInput = z.object({
  code: code().describe('Stable short name: lower case letters, digits, `_` and `-`. Unique.'),
  texts: carrierTexts,
  connectionId: connectionId(),
});
export type CarrierDefine = z.output<typeof carrierDefineInput>;

export const carrierChangeInput = z
  .object({
    carrierId: idOf('Carrier').describe('The carrier.'),
    expectedVersion: expectedVersion(),
    texts: carrierTexts.optional(),
    connectionId: connectionId(),
    withoutConnection: boolean().optional().describe('True: nobody reports by connection any more.'),
  })
  .superRefine((input, context) => {
    if (input.connectionId && input.withoutConnection) {
      const why = {
        en: 'withoutConnection goes without connectionId',
        zh: 'withoutConnection 不能与 connectionId 同时使用',
      };
      issue(context, 'INVALID', { why }, ['withoutConnection']);
    }
  }, ALWAYS);
export type CarrierChange = z.output<typeof carrierChangeInput>;

export const carrierArchiveInput = z.object({ carrierId: idOf('Carrier').describe('The carrier.') });

/** A carrier's number of a parcel. Letters become upper case, so that one number is written in one way. */
const trackingNumber = () =>
  z
    .string()
    .transform((value, context) => {
      const upper = value.trim().toUpperCase();
      if (!/^[A-Z0-9][A-Z0-9-]{3,39}$/.test(upper)) {
        const why = {
          en: 'a tracking number has 4 to 40 letters, digits and dashes',
          zh: '运单号为 4 至 40 个字母、数字或横线',
        };
        issue(context, 'INVALID', { why });
      }
      return upper;
    })
    .meta({ graphql: 'String', bounds: '4 to 40 letters, digits and dashes.' });

const carrierOfParcel = () => idOf('Carrier').optional().describe('Who carries the parcel.');
const numberOfParcel = () =>
  trackingNumber()
    .optional()
    .describe('The carrier’s number of the parcel (运单号). Unique for its carrier.');
const shipmentId = () => idOf('Shipment').describe('The shipment.');

export const shipmentPrepareInput = z.object({
  idempotencyKey: idempotencyKey(),
  orderId: idOf('Order').describe('The order; confirmed, not on hold, and released for payment.'),
  locationId: idOf('Location').describe('Where the goods leave.'),
  lines: list(
    inputObject('ShipmentLineInput', {
      orderLineId: idOf('OrderLine').describe('Line of this order.'),
      quantity: quantity(10_000_000).describe('Units in the parcel.'),
    }),
    1,
    1_000,
  )
    .superRefine(
      (lines, context) =>
        distinct(
          context,
          lines.map((line) => line.orderLineId),
          'orderLineId',
        ),
      ALWAYS,
    )
    .optional()
    .describe(
      'What the parcel holds, each line once. Without it all units that are allocated at the location and in no other prepared shipment.',
    ),
  carrierId: carrierOfParcel(),
  trackingNumber: numberOfParcel(),
  dispatch: boolean().optional().describe('True: dispatch it at once.'),
});
export type ShipmentPrepare = z.output<typeof shipmentPrepareInput>;

export const shipmentDispatchInput = z.object({
  idempotencyKey: idempotencyKey(),
  shipmentId: shipmentId(),
  carrierId: carrierOfParcel(),
  trackingNumber: numberOfParcel(),
});
export type ShipmentDispatch = z.output<typeof shipmentDispatchInput>;

export const shipmentChangeInput = z
  .object({
    shipmentId: shipmentId(),
    expectedVersion: expectedVersion(),
    carrierId: carrierOfParcel(),
    trackingNumber: numberOfParcel(),
  })
  .superRefine((input, context) => {
    if (!input.carrierId && !input.trackingNumber) issue(context, 'REQUIRED', {}, ['trackingNumber']);
  }, ALWAYS);
export type ShipmentChange = z.output<typeof shipmentChangeInput>;

export const shipmentCancelInput = z.object({ shipmentId: shipmentId() });
export type ShipmentCancel = z.output<typeof shipmentCancelInput>;

/** Tracking events, given how a moment is written where they come in. */
const trackingEvents = <Moment extends z.ZodType<Date>>(occurredAt: Moment) =>
  list(
    inputObject('TrackingEventInput', {
      status: oneOf('TrackingStatus', trackingStatuses).describe('What happened.'),
      occurredAt: occurredAt.describe(
        'When it happened, by the carrier’s clock; at most a day ahead of ours.',
      ),
      place: text(1, 200)
        .optional()
        .describe(
          'Where, as shown to the receiver and to who follows the order: a city, a station, no address.',
        ),
      description: text(1, 1_000).optional().describe('What the carrier writes about it, for colleagues.'),
    }),
    1,
    100,
  ).describe('What happened to the parcel, in any order; what was reported before changes nothing.');

export const shipmentTrackInput = z
  .object({
    carrierId: idOf('Carrier').optional().describe('The carrier, by id or by code.'),
    carrierCode: code().optional().describe('The carrier, by code or by id.'),
    trackingNumber: trackingNumber().describe('The carrier’s number of the parcel.'),
    events: trackingEvents(moment()),
  })
  .superRefine((input, context) => {
    if ((input.carrierId === undefined) === (input.carrierCode === undefined)) {
      const why = { en: 'give carrierId or carrierCode', zh: '须填写 carrierId 或 carrierCode 其中之一' };
      issue(context, 'INVALID', { why }, ['carrierCode']);
    }
  }, ALWAYS);
export type ShipmentTrack = z.output<typeof shipmentTrackInput>;
/** What a carrier brings at once: tracking events of one parcel. */
export type TrackingReport = Pick<ShipmentTrack, 'trackingNumber' | 'events'>;

/** A carrier's message: as `shipmentTrack`, with moments in ISO 8601. */
export const trackingMessage = z.object({
  carrier: code(),
  trackingNumber: trackingNumber(),
  events: trackingEvents(
    z.iso
      .datetime({ offset: true })
      .transform((value) => new Date(value))
      .pipe(moment()),
  ),
});

export const shipmentWhere = z
  .object({
    orderId: idOf('Order').optional().describe('Only shipments of this order.'),
    storeId: idOf('Store').optional().describe('Only shipments of this store.'),
    locationId: idOf('Location').optional().describe('Only shipments from this location.'),
    carrierId: idOf('Carrier').optional().describe('Only shipments with this carrier.'),
    states: list(oneOf('ShipmentState', shipmentStates), 0, 10)
      .optional()
      .describe('Only shipments in one of these states; an empty list matches nothing.'),
    number: text(1, 40).optional().describe('Only the shipment with this number.'),
    trackingNumber: trackingNumber().optional().describe('Only shipments with this tracking number.'),
    dispatchedFrom: moment().optional().describe('Only shipments dispatched at or after this moment.'),
    dispatchedBefore: moment().optional().describe('Only shipments dispatched before this moment.'),
  })
  .superRefine(({ dispatchedFrom, dispatchedBefore }, context) => {
    if (dispatchedFrom && dispatchedBefore && dispatchedFrom >= dispatchedBefore) {
      const why = {
        en: 'dispatchedBefore must be later than dispatchedFrom',
        zh: 'dispatchedBefore 必须晚于 dispatchedFrom',
      };
      issue(context, 'INVALID', { why }, ['dispatchedBefore']);
    }
  }, ALWAYS);
export type ShipmentWhere = z.output<typeof shipmentWhere>;

export const carrierWhere = z.object({
  archived: boolean().optional().describe('True: only archived ones. False: only those in use.'),
});

export const shipmentEventFilter = z.object({
  orderIds: list(idOf('Order'), 0, 100)
    .optional()
    .describe('Only shipments of these orders; an empty list matches nothing.'),
  storeIds: list(idOf('Store'), 0, 100)
    .optional()
    .describe('Only shipments of these stores; an empty list matches nothing.'),
  locationIds: list(idOf('Location'), 0, 100)
    .optional()
    .describe('Only shipments from these locations; an empty list matches nothing.'),
  carrierIds: list(idOf('Carrier'), 0, 100)
    .optional()
    .describe('Only shipments with these carriers; an empty list matches nothing.'),
  states: list(oneOf('ShipmentState', shipmentStates), 0, 10)
    .optional()
    .describe('Only shipments in one of these states; an empty list matches nothing.'),
});

export const orderTrackArgs = z.object({
  orderId: idOf('Order')
    .optional()
    .describe('The order; may be left out by who has a signed link, which opens one order.'),
});
