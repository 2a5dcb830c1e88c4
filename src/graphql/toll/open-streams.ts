// What is open on this instance, and how much of it each caller may have.

import type { GraphQLError } from 'graphql';
import type { Actor } from '../../core/actor.ts';
import { defineGauge } from '../../core/metrics.ts';
import { requestError } from '../request-errors.ts';
import { payerOf } from './budget.ts';

const open = { sockets: 0, streams: 0 };

defineGauge('sockets_open', 'WebSockets that are open.', [], () => [{ value: open.sockets }]);
defineGauge('streams_open', 'Subscriptions that are open, over WebSocket and SSE.', [], () => [
  { value: open.streams },
]);

/** Count something that was opened. Returns the function that takes it off again. */
export function countOpen(what: keyof typeof open): () => void {
  open[what]++;
  return () => void open[what]--;
}

/** Places that each caller has on an instance. */
function places(max: number) {
  const taken = new Map<string, number>();
  return {
    max,
    /** Take one of an actor's places. The function that gives it back; null when all are taken. */
    take(actor: Actor): (() => void) | null {
      const payer = payerOf(actor);
      const own = taken.get(payer) ?? 0;
      if (own >= max) return null;
      taken.set(payer, own + 1);
      return () => {
        const left = (taken.get(payer) ?? 1) - 1;
        if (left > 0) taken.set(payer, left);
        else taken.delete(payer);
      };
    },
  };
}

/** Subscriptions that one person, key or address may have open. */
export const streamPlaces = places(200);

/** WebSockets that one person, key or address may have open. */
export const socketPlaces = places(1_000);

export const tooManyStreams = (): GraphQLError =>
  requestError('TOO_MANY_STREAMS', { params: { max: streamPlaces.max } });
