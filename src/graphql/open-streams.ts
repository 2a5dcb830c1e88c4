// How many connections and streams are open on this instance.

import { defineGauge } from '../core/metrics.ts';

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
