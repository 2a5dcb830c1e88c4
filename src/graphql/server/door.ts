// What every door is given: the same gate, the same engine, the same way to know who asks, the same size of a request.

import type { GraphQLSchema } from 'graphql';
import { type Actor, isInternal } from '../../core/actor.ts';
import type { Gate } from '../admit.ts';
import type { Engine } from '../execute.ts';
import type { Crowd } from '../toll/shed.ts';
import type { Authenticate } from './request.ts';

/** Body over HTTP, or message on a WebSocket. */
export const REQUEST_BYTES_MAX = 256 * 1024;

/** Who may read the schema itself and gets names of it suggested. */
export type Introspection = 'on' | 'internal' | 'off';

export interface Door {
  schema: GraphQLSchema;
  gate: Gate;
  engine: Engine;
  /** Those who are served at once. */
  crowd: Crowd;
  authenticate: Authenticate;
  introspects(actor: Actor): boolean;
}

/** True for those to whom a setting shows the schema. */
export const introspectors =
  (setting: Introspection) =>
  (actor: Actor): boolean =>
    setting === 'on' || (setting === 'internal' && isInternal(actor));
