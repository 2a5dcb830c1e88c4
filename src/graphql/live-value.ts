// Live values: computed anew when something that concerns them happened.

import { GraphQLError } from 'graphql';
import { currentHead, eventsAfter, isClosed, type LogEvent, waitBeyond } from '../core/event-log.ts';
import type { Context } from './context.ts';

const IDLE_MS = 30_000;
const PAUSE_MS = 1_000;

/** The value now, then a new one after events that concern it, at most one a second. */
export async function* liveValue<Value>(
  { signal }: Context,
  concerns: (event: LogEvent) => boolean,
  value: () => Value,
): AsyncGenerator<Value> {
  let position = await currentHead();
  yield value();
  let sentAt = Date.now();
  while (!signal.aborted && !isClosed()) {
    const events = await eventsAfter(position);
    position = events.at(-1)?.seq ?? position;
    if (events.some(concerns)) {
      await waitBeyond(2n ** 62n, sentAt + PAUSE_MS - Date.now(), signal);
      if (signal.aborted) break;
      // What happened during the pause is in the value as well.
      position = (await eventsAfter(position)).at(-1)?.seq ?? position;
      sentAt = Date.now();
      yield value();
    } else if (events.length === 0) {
      await waitBeyond(position, IDLE_MS, signal);
    }
  }
  if (signal.reason instanceof GraphQLError) throw signal.reason;
}
