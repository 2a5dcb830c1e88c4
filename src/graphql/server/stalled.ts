// Readers who take nothing any more: their sockets are closed, so that what waits for them does not pile up.

import type { WebSocket } from 'ws';

/** Code of a closed WebSocket on which clients come back, and resume where they were. */
export const TRY_AGAIN_LATER = 1013;
const LOOK_MS = 1_000;
/** So long a closing frame waits for a reader who takes something again. */
const CLOSING_MS = 5_000;

/** Close each socket that left waiting bytes untaken for so long. Returns the function that ends the watch. */
export function closeStalled(sockets: ReadonlySet<WebSocket>, seconds: number): () => void {
  const waiting = new WeakMap<WebSocket, { bytes: number; since: number }>();
  const look = () => {
    const at = performance.now();
    for (const socket of sockets) {
      const bytes = socket.bufferedAmount;
      const before = waiting.get(socket);
      if (bytes === 0) waiting.delete(socket);
      else if (!before || bytes < before.bytes) waiting.set(socket, { bytes, since: at });
      else if (socket.readyState === socket.OPEN && at - before.since >= seconds * 1_000) {
        socket.close(TRY_AGAIN_LATER, 'You read too slowly');
        setTimeout(() => socket.terminate(), CLOSING_MS).unref();
      }
    }
  };
  const timer = setInterval(look, LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}
