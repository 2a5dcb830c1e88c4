// The life of the process: how signals end it, and what is said when it cannot start or go on.

import { log } from './log.ts';
import { StartupError } from './startup-error.ts';

/** Stopping takes no longer, whatever still runs. */
const STOP_MS_MAX = 25_000;
/** npm passes Ctrl-C on to a process that has had it already: that is not somebody's second one. */
const SAME_SIGNAL_MS = 1_000;
const INTERRUPTED = 130;

/**
 * Do something on the first SIGINT or SIGTERM; a second one ends the process at once. Returns the function that tells
 * whether there was one.
 */
export function onFirstSignal(begin: () => void): () => boolean {
  let beganAt: number | null = null;
  const onSignal = () => {
    if (beganAt === null) {
      beganAt = performance.now();
      begin();
    } else if (performance.now() - beganAt > SAME_SIGNAL_MS) process.exit(INTERRUPTED);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal);
  return () => beganAt !== null;
}

/** Let the first signal stop the process cleanly within 25 s. Returns the function that tells whether it is stopping. */
export const stopOnSignals = (stop: () => Promise<void>, say: (line: string) => void): (() => boolean) =>
  onFirstSignal(() => {
    say('\nStopping: finishing what runs. Once more quits at once …');
    limitStopping();
    stop().then(
      () => {
        say('Stopped.');
        process.exit(0);
      },
      (error: unknown) => giveUp(error),
    );
  });

/** Log promises that failed and that nobody waited for, where Node would end the process and with it the work of all others. */
export const outliveRejections = (): void =>
  void process.on('unhandledRejection', (error) =>
    log.error({ error }, 'a promise failed that nobody waited for'),
  );

/** Say why the process cannot go on, stop, and end with a failure, so that whoever watches over it starts it again. */
export async function endProcess(why: string, stop: () => Promise<void>): Promise<never> {
  process.stderr.write(`\n${why}\n`);
  limitStopping();
  await stop();
  process.exit(1);
}

function limitStopping(): void {
  setTimeout(() => {
    process.stderr.write('\nStopping took too long: what still ran was cut off.\n');
    process.exit(1);
  }, STOP_MS_MAX).unref();
}

/** Say what went wrong, without a stack where a person can mend it, and end. */
export function giveUp(error: unknown, failed = 'Dayshift could not start'): never {
  if (error instanceof StartupError) process.stderr.write(`\n${error.message}\n${error.hint}\n`);
  else
    process.stderr.write(
      `\n${failed}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
  process.exit(1);
}
