// What is true of shipments and their tracking. Pure: no database, no clock.

import { notFound, type Problem, problem } from '../core/errors.ts';
import { aheadProblems, latestElsewhere } from '../core/inputs.ts';
import { earlier } from '../core/time.ts';
import type { ShipmentState, TrackingStatus } from '../generated/prisma/enums.ts';
import { factsOfRows, type OrderFacts, refusals as orderRefusals } from '../orders/rules/moves.ts';
import { shipmentStates, shippingProblem, trackingStatuses } from './texts.ts';

/** From which states each act is possible. */
export const shipmentMoves = {
  DISPATCH: ['PREPARED'],
  CHANGE: ['PREPARED', 'DISPATCHED', 'IN_TRANSIT', 'AT_PICKUP_POINT'],
  CANCEL: ['PREPARED'],
} as const satisfies Record<string, readonly ShipmentState[]>;

export type ShipmentAction = keyof typeof shipmentMoves;

/** Why an act is not possible on a shipment; none when it is. With its order, also what the order says of a dispatch. */
export function refusals(
  action: ShipmentAction,
  shipment: { state: ShipmentState },
  order?: OrderFacts,
): Problem[] {
  const from: readonly ShipmentState[] = shipmentMoves[action];
  if (!from.includes(shipment.state)) {
    const params = { state: shipmentStates[shipment.state] };
    return [problem('ILLEGAL_STATE', { path: ['shipmentId'], params })];
  }
  if (action !== 'DISPATCH' || !order) return [];
  return orderRefusals('DISPATCH', order).map((found) => ({ ...found, path: ['shipmentId'] }));
}

type OrderRows = Parameters<typeof factsOfRows>[0] & Parameters<typeof factsOfRows>[1];

/** What decides about an order whose goods are to be sent, from its rows. */
export const factsOfOrder = (order: OrderRows): OrderFacts => factsOfRows(order, order, false);

/** Who carries a parcel, and the number under which. */
export interface Label {
  carrierId: string | null;
  trackingNumber: string | null;
}

/** What an act says of a label; what it leaves out stays. */
interface WantedLabel {
  carrierId?: string | undefined;
  trackingNumber?: string | undefined;
}

export const labelOf = (before: Label | null, wanted: WantedLabel): Label => ({
  carrierId: wanted.carrierId ?? before?.carrierId ?? null,
  trackingNumber: wanted.trackingNumber ?? before?.trackingNumber ?? null,
});

/** What a label lacks: a number is its carrier's, so another carrier needs another number. */
export function labelGaps(before: Label | null, wanted: WantedLabel): Problem[] {
  const { carrierId, trackingNumber } = labelOf(before, wanted);
  if (trackingNumber === null) return [];
  if (carrierId === null) return [shippingProblem('CARRIER_MISSING', { path: ['carrierId'] })];
  const isFormers = wanted.trackingNumber === undefined && carrierId !== before?.carrierId;
  return isFormers ? [shippingProblem('TRACKING_NUMBER_MISSING', { path: ['trackingNumber'] })] : [];
}

/** What happened to a parcel, and when, as its carrier says. */
export interface TrackingEvent {
  status: TrackingStatus;
  occurredAt: Date;
}

/** What is known of a shipment by its tracking events. */
export interface Tracked {
  state: ShipmentState;
  /** First scan by the carrier (揽收): the first tracking event that shows the parcel in its hands. */
  firstScanAt: Date | null;
  deliveredAt: Date | null;
}

/** Where each tracking event puts a parcel. An exception puts it nowhere: it is only told. */
const stateOfStatus: Readonly<Record<TrackingStatus, ShipmentState | null>> = {
  PICKED_UP: 'IN_TRANSIT',
  IN_TRANSIT: 'IN_TRANSIT',
  OUT_FOR_DELIVERY: 'IN_TRANSIT',
  AT_PICKUP_POINT: 'AT_PICKUP_POINT',
  DELIVERED: 'DELIVERED',
  REFUSED: 'REFUSED',
  RETURNED: 'RETURNED',
  LOST: 'LOST',
  EXCEPTION: null,
};

const anywhere = ['IN_TRANSIT', 'AT_PICKUP_POINT', 'DELIVERED', 'REFUSED', 'RETURNED', 'LOST'] as const;

/**
 * Where a parcel can go from where it is. What happens on the way back leaves a refused parcel refused; only a refusal
 * or a return undoes a delivery, and a parcel that came back stays with us.
 */
const ways: Readonly<Partial<Record<ShipmentState, readonly ShipmentState[]>>> = {
  DISPATCHED: anywhere,
  IN_TRANSIT: anywhere,
  AT_PICKUP_POINT: anywhere,
  LOST: anywhere,
  REFUSED: ['DELIVERED', 'RETURNED', 'LOST'],
  DELIVERED: ['REFUSED', 'RETURNED'],
};

/** Tracking events that do not say that the carrier had the parcel in hand. */
const withoutParcel: ReadonlySet<TrackingStatus> = new Set(['EXCEPTION', 'LOST']);

const ranks = new Map(Object.keys(trackingStatuses).map((status, rank) => [status, rank]));
const rankOf = ({ status }: TrackingEvent): number => ranks.get(status) ?? 0;

/** The order in which tracking events happened; those of one moment in the order in which a parcel travels. */
const byTime = (a: TrackingEvent, b: TrackingEvent): number =>
  a.occurredAt.getTime() - b.occurredAt.getTime() || rankOf(a) - rankOf(b);

/** Where a parcel is, and when it was last delivered; null for never, or not since. */
type Stage = Pick<Tracked, 'state' | 'deliveredAt'>;

/** Where a tracking event takes a parcel. */
function afterEvent(stage: Stage, { status, occurredAt }: TrackingEvent): Stage {
  const next = stateOfStatus[status];
  if (!next || !ways[stage.state]?.includes(next)) return stage;
  return { state: next, deliveredAt: next === 'DELIVERED' ? occurredAt : stage.deliveredAt };
}

/**
 * What all tracking events of a parcel come to: the same for the same set of them, in whatever order, parts and
 * repetitions they came. Until a shipment is dispatched they only say when the carrier first had it.
 */
export function tracked(
  shipment: { state: ShipmentState; dispatchedAt: Date | null },
  events: readonly TrackingEvent[],
): Tracked {
  const ordered = events.toSorted(byTime);
  const firstScanAt = firstOf(ordered);
  if (!shipment.dispatchedAt) return { state: shipment.state, firstScanAt, deliveredAt: null };
  return { ...ordered.reduce(afterEvent, dispatched), firstScanAt };
}

const dispatched: Stage = { state: 'DISPATCHED', deliveredAt: null };

/** When the carrier first had the parcel in hand, by tracking events in their order. */
const firstOf = (ordered: readonly TrackingEvent[]): Date | null =>
  ordered.find(({ status }) => !withoutParcel.has(status))?.occurredAt ?? null;

/**
 * What a shipment is after each of some new tracking events, in the order in which they happened: the same as `tracked`
 * of all that were known and those up to it, in one pass over both.
 */
export function trackedOneByOne<Event extends TrackingEvent>(
  shipment: { state: ShipmentState; dispatchedAt: Date | null },
  known: readonly TrackingEvent[],
  fresh: readonly Event[],
): { event: Event; after: Tracked }[] {
  const before = known.toSorted(byTime);
  const ends = endsOf(before);
  let firstScanAt = firstOf(before);
  let stage = dispatched;
  let next = 0;
  return fresh.toSorted(byTime).map((event) => {
    for (let old = before[next]; old && byTime(old, event) <= 0; old = before[++next])
      stage = afterEvent(stage, old);
    stage = afterEvent(stage, event);
    firstScanAt = earlier(firstScanAt, firstOf([event]));
    const end = shipment.dispatchedAt
      ? through(stage, ends[next] ?? stays)
      : { state: shipment.state, deliveredAt: null };
    return { event, after: { ...end, firstScanAt } };
  });
}

/** Where a parcel ends, by the state from which it goes on. */
type Ends = ReadonlyMap<ShipmentState, Stage>;

const stays: Ends = new Map(
  [dispatched.state, ...anywhere].map((state) => [state, { state, deliveredAt: null }]),
);

/** Where a parcel ends that goes on from a stage. */
const through = (stage: Stage, ends: Ends): Stage => {
  const { state, deliveredAt } = ends.get(stage.state) ?? stage;
  return { state, deliveredAt: deliveredAt ?? stage.deliveredAt };
};

/** For each place in tracking events in their order: where those from there on take a parcel. */
function endsOf(ordered: readonly TrackingEvent[]): Ends[] {
  let ends = stays;
  const backwards = ordered.toReversed().map((event) => {
    const later = ends;
    ends = new Map([...stays].map(([state, stage]) => [state, through(afterEvent(stage, event), later)]));
    return ends;
  });
  return [...backwards.reverse(), stays];
}

/** Tracking events that are kept of one parcel. No carrier has that many of one. */
const EVENTS_MAX = 500;

/** The refusal of tracking events beyond what is kept of one parcel. Those that were known before are none. */
export const numberProblems = (known: number, fresh: number): Problem[] =>
  fresh > 0 && known + fresh > EVENTS_MAX
    ? [shippingProblem('TOO_MANY_TRACKING_EVENTS', { path: ['events'], params: { max: EVENTS_MAX } })]
    : [];

/** Tracking events from the future, each with its place. */
export const momentProblems = (events: readonly TrackingEvent[], at: Date): Problem[] =>
  aheadProblems(
    events.map(({ occurredAt }, i) => [['events', i, 'occurredAt'], occurredAt]),
    latestElsewhere(at),
  );

const troubles = ['REFUSED', 'RETURNED', 'LOST'] as const satisfies readonly ShipmentState[];
export type Trouble = (typeof troubles)[number];

/** True when goods will not stay with the customer as they were sent. */
export const isTrouble = (state: unknown): state is Trouble => troubles.some((trouble) => trouble === state);

/** Units by line of an order. */
export type Units = ReadonlyMap<string, number>;

/** What is there of a line to be put into a parcel at a location. */
export interface Shippable {
  orderLineId: string;
  /** Units neither cancelled nor dispatched. */
  open: number;
  /** Units allocated at the location and in no other prepared shipment. */
  free: number;
}

interface WantedUnits {
  orderLineId: string;
  quantity: number;
}

/** What goes into a parcel: the units that were named, or all that are free. */
export const unitsToShip = (
  lines: readonly Shippable[],
  wanted: readonly WantedUnits[] | undefined,
): Units =>
  wanted
    ? new Map(wanted.map(({ orderLineId, quantity }) => [orderLineId, quantity]))
    : new Map(lines.filter(({ free }) => free > 0).map(({ orderLineId, free }) => [orderLineId, free]));

/** Why a parcel cannot be packed: every line at once that has fewer units, or that there are none at all. */
export function unitProblems(
  lines: readonly Shippable[],
  wanted: readonly WantedUnits[] | undefined,
): Problem[] {
  if (!wanted) {
    const isAny = lines.some(({ free }) => free > 0);
    return isAny ? [] : [shippingProblem('NOTHING_TO_SHIP', { path: ['locationId'] })];
  }
  return wanted.flatMap(({ orderLineId, quantity }, i): Problem[] => {
    const line = lines.find((candidate) => candidate.orderLineId === orderLineId);
    if (!line) return [notFound('OrderLine', ['lines', i, 'orderLineId'])];
    const { open, free } = line;
    const path = ['lines', i, 'quantity'];
    if (quantity > open) return [shippingProblem('SHIPMENT_EXCEEDS_OPEN', { path, params: { open } })];
    return quantity > free ? [shippingProblem('SHIPMENT_EXCEEDS_HERE', { path, params: { free } })] : [];
  });
}

interface Parcel {
  lines: readonly { orderLineId: string; quantity: number }[];
}

/**
 * What prepared parcels of one location can still hold when only so many units are allocated there: the first ones
 * keep theirs, the later ones give way. Lists the parcels that hold less than before.
 */
export function fitParcels<Prepared extends Parcel>(
  parcels: readonly Prepared[],
  allocated: Units,
): { parcel: Prepared; units: Units }[] {
  const left = new Map(allocated);
  return parcels.flatMap((parcel) => {
    const units = new Map<string, number>();
    for (const { orderLineId, quantity } of parcel.lines) {
      const kept = Math.min(quantity, left.get(orderLineId) ?? 0);
      left.set(orderLineId, (left.get(orderLineId) ?? 0) - kept);
      if (kept > 0) units.set(orderLineId, kept);
    }
    const isWhole = parcel.lines.every(({ orderLineId, quantity }) => units.get(orderLineId) === quantity);
    return isWhole ? [] : [{ parcel, units }];
  });
}
