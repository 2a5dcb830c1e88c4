// Shipping's HTTP door for carriers: they push what happened to their parcels.

import { db, transact } from '../core/db.ts';
import type { Route } from '../core/http-answer.ts';
import { now } from '../core/time.ts';
import { machineDoor } from '../partners/hooks.ts';
import { hearReport } from './actions/track-parcel.ts';
import { trackingMessage } from './inputs.ts';

/**
 * `POST /hooks/tracking/<connection>` takes `{ carrier, trackingNumber, events }`, signed, for carriers that report by
 * this connection, and answers 200 `{ result: "DONE" | "REPEATED", received }`; 403 for a carrier that is not this
 * connection's.
 */
export const trackingRoute: Route = machineDoor({
  kind: 'TRACKING',
  path: '/hooks/tracking',
  bodyBytesMax: 512 * 1024,
  schema: trackingMessage,
  now,
  hear: async ({ connection, actor }, { carrier: code, ...report }, at) => {
    const carrier = await db.carrier.findFirst({
      where: { code, connectionId: connection.id },
      select: { id: true },
    });
    if (!carrier) return { status: 403, message: `This connection does not report for ${code}.` };
    const { received } = await transact((tx) => hearReport(tx, actor, carrier.id, report, at));
    return { status: 200, body: { result: received > 0 ? 'DONE' : 'REPEATED', received } };
  },
});
