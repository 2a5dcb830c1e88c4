// Subscriptions, the same for every transport: opened once paid, executed event by event, ended by a signal.

import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  mapSourceToResponseEvent,
  type ValidatedExecutionArgs,
  validateSubscriptionArgs,
} from 'graphql';
import type { Locale } from '../../core/texts.ts';
import type { Context } from '../context.ts';
import { countOpen, streamPlaces, tooManyStreams } from '../toll/open-streams.ts';
import type { Receipt } from '../toll.ts';
import { finish, maskError, refused } from './answer.ts';
import { answerMillions } from './answer-size.ts';
import { executeRequest } from './executor.ts';
import { type RunFeed, seatFor, type Told } from './groups.ts';

/** Open a subscription that was paid for. Every event runs in a context of its own, so nothing read for one serves the next. */
export async function openSubscription(
  args: ExecutionArgs,
  context: Context,
  paid: Receipt | null,
): Promise<AsyncGenerator<ExecutionResult> | ExecutionResult> {
  // A generator that waits for an event cannot be returned from: the signal wakes it.
  const stopping = new AbortController();
  const signal = AbortSignal.any([context.signal, stopping.signal]);
  const alone: Context = { ...context, signal };
  const seat = seatFor(args, alone, runFeed);
  const opened = await results(args, seat ? { ...alone, seat } : alone);
  if (!(Symbol.asyncIterator in opened)) return opened;
  const leave = streamPlaces.take(context.actor);
  if (!leave) {
    await opened.return(undefined);
    return finish({ errors: [tooManyStreams()] }, context);
  }
  // However it ends, also when its caller is gone before anything was asked of it.
  const close = countOpen('streams');
  const over = () => {
    leave();
    close();
  };
  if (signal.aborted) over();
  else signal.addEventListener('abort', over, { once: true });
  return stoppable(guarded(stopping, context.actor.locale, opened, paid), stopping);
}

/** The results of a subscription with the places at which they stand; or why there are none. */
async function results(
  args: ExecutionArgs,
  context: Context,
): Promise<AsyncGenerator<Told, void, void> | ExecutionResult> {
  const valid = validateSubscriptionArgs({ ...args, contextValue: context });
  if (!('schema' in valid)) return finish(refused(valid, context), context);
  const source = await createSourceEventStream(valid);
  if (!(Symbol.asyncIterator in source)) return finish(source, context);
  const bounds = { millions: answerMillions(context.actor) };
  const tell = async (event: ValidatedExecutionArgs): Promise<Told> => {
    const own: Context = { ...context, extensions: {} };
    const executed = await executeRequest({ ...event, contextValue: own }, bounds);
    const result = finish(executed, own);
    const { seq = 0n, event: happened = null } = (event.rootValue ?? {}) as Partial<
      Pick<Told, 'seq'> & { event: unknown }
    >;
    return { seq, isHeartbeat: happened === null, result };
  };
  // The library passes on whatever is made of an event.
  return mapSourceToResponseEvent(valid, source, tell as never) as unknown as AsyncGenerator<
    Told,
    void,
    void
  >;
}

/** The same feed for a group, which was opened by every member before. */
const runFeed: RunFeed = async (args, context) => {
  const opened = await results(args, context);
  return Symbol.asyncIterator in opened ? opened : null;
};

/** The same results; returning from them fires the signal first, so that it takes effect at once. */
function stoppable(
  results: AsyncGenerator<ExecutionResult>,
  stopping: AbortController,
): AsyncGenerator<ExecutionResult> {
  return {
    next: () => results.next(),
    throw: (error: unknown) => results.throw(error),
    return: (value: unknown) => {
      stopping.abort();
      return results.return(value);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      await results.return(undefined);
    },
  };
}

/** What it cost is told with the first result. An error of the source ends the operation as its last one, masked. */
async function* guarded(
  stopping: AbortController,
  locale: Locale,
  results: AsyncIterable<Told>,
  paid: Receipt | null,
): AsyncGenerator<ExecutionResult> {
  let extensions: object = paid ? { extensions: { cost: paid.cost } } : {};
  try {
    for await (const { result } of results) {
      yield { ...result, ...extensions };
      extensions = {};
    }
  } catch (error) {
    yield { errors: [maskError(error, locale)] };
  } finally {
    stopping.abort();
  }
}
