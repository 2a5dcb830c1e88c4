// What a resolver knows about its request.

import type { Actor } from '../core/actor.ts';

export interface Context {
  readonly actor: Actor;
  /** Fires when the caller is gone or may no longer read. */
  readonly signal: AbortSignal;
  /** Header in which a caller over HTTP names the trace that the operation is a part of. */
  readonly traceparent?: string | undefined;
  /** Added to the answer's `extensions`. */
  readonly extensions: Record<string, unknown>;
  /** How a door takes results that were made for many subscribers at once, where it can. */
  readonly line?: Line;
  /** Where a feed rests when it has told all that happened, so that a group tells it what comes. */
  readonly seat?: Seat;
  /** In a group: the place in the log at which its feed begins. Nothing before it is told, and no heartbeat at once. */
  readonly startAt?: bigint;
}

/** The way from a group to one subscriber. */
export interface Line {
  /** Send the next result of the operation: its JSON, and the brace that ends the message around it. */
  send(rest: Buffer): void;
  /** Bytes that were sent and that the subscriber did not take yet. */
  waiting(): number;
}

export interface Seat {
  /**
   * Let a group tell what happens after a place in the log. Settles with the place up to which it was told when the
   * feed has to go on by itself: its reader is too slow for the group, the group ended, or the signal fired. Null where
   * no group tells it.
   */
  rest(position: bigint): Promise<{ position: bigint; isSlow: boolean }> | null;
}
