// Open streams by the credential that opened them, so that ending it ends them.

import { setTimeout as sleep } from 'node:timers/promises';
import type { GraphQLError } from 'graphql';
import type { Actor } from '../../core/actor.ts';
import type { LogEvent } from '../../core/event-log.ts';
import { log } from '../../core/log.ts';
import { requestError } from '../request-errors.ts';

const open = new Map<string, Set<AbortController>>();

interface HeldCredential {
  /** Fires with a GraphQLError when the credential expires, is revoked, or its rights change. */
  signal: AbortSignal;
  release(): void;
}

/** Watch over an actor's credential while a stream is open. */
function holdCredential(actor: Actor): HeldCredential {
  const controller = new AbortController();
  const keys = [actor.id, actor.credentialId].filter((key) => key !== null);
  for (const key of keys) {
    const held = open.get(key) ?? new Set();
    open.set(key, held.add(controller));
  }
  const timer = actor.expiresAt ? endAt(actor.expiresAt, controller) : null;
  return {
    signal: controller.signal,
    release() {
      timer?.stop();
      for (const key of keys) {
        const held = open.get(key);
        held?.delete(controller);
        if (held?.size === 0) open.delete(key);
      }
    },
  };
}

/**
 * Authenticate for something that stays open. `ending` fires when the credential expires, is revoked or its rights
 * change, and releases what is held when it fires for any other reason. The credential is checked again once it is
 * held: what ended it in between would otherwise go unseen.
 */
export async function heldActor(
  authenticate: () => Promise<Actor | null>,
  ending: AbortController,
): Promise<Actor | null> {
  const first = await authenticate();
  if (!first || ending.signal.aborted) return null;
  const held = holdCredential(first);
  held.signal.addEventListener('abort', () => ending.abort(held.signal.reason), { once: true });
  ending.signal.addEventListener('abort', () => held.release(), { once: true });
  const actor = await authenticate();
  if (!actor) ending.abort();
  return actor;
}

/** End every stream of a person, key or session on this instance. */
function endCredential(id: string): void {
  for (const controller of open.get(id) ?? []) controller.abort(credentialEnded());
}

/** Ids of the people, keys and sessions whose open streams an event ends. */
type EndedBy = (event: LogEvent) => Promise<string[]>;

/** Follow the log and end what each event ends, however long the database needs to say what that is. */
export const endingStreams =
  (deciders: readonly EndedBy[]) =>
  async (event: LogEvent): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      try {
        const ids = await Promise.all(deciders.map((endedBy) => endedBy(event)));
        return ids.flat().forEach(endCredential);
      } catch (error) {
        log.error({ error, seq: event.seq.toString() }, 'streams could not be ended; trying again');
        await sleep(Math.min(5_000, 100 * attempt));
      }
    }
  };

export const credentialEnded = (): GraphQLError => requestError('CREDENTIAL_ENDED');

// setTimeout takes at most 24.8 days.
const LONGEST_TIMER_MS = 2 ** 31 - 1;

function endAt(moment: Date, controller: AbortController): { stop(): void } {
  let timer: NodeJS.Timeout;
  const wait = () => {
    const left = moment.getTime() - Date.now();
    if (left <= 0) controller.abort(credentialEnded());
    else timer = setTimeout(wait, Math.min(left, LONGEST_TIMER_MS));
    timer?.unref();
  };
  wait();
  return { stop: () => clearTimeout(timer) };
}
