// What a resolver knows about its request.

import type { Actor } from '../core/actor.ts';

export interface Context {
  readonly actor: Actor;
  /** Fires when the caller is gone or may no longer read. */
  readonly signal: AbortSignal;
  /** Added to the answer's `extensions`. */
  readonly extensions: Record<string, unknown>;
}
