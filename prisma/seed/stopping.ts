// How scripts that take minutes are stopped.

import { onFirstSignal } from '../../src/core/process.ts';

/** A signal that fires on the first Ctrl-C or SIGTERM. The second one ends the process at once. */
export function stopOnSignals(say: (line: string) => void): AbortSignal {
  const stopping = new AbortController();
  onFirstSignal(() => {
    say('\nStopping …');
    stopping.abort();
  });
  return stopping.signal;
}
