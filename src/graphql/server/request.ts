// What is read from a request before anybody is known to be behind it.

import type { IncomingMessage } from 'node:http';
import type { Actor, RequestFacts } from '../../core/actor.ts';
import { addressOf } from '../../core/client-address.ts';
import { newId } from '../../core/ids.ts';
import { localeOf } from '../../core/texts.ts';

/** Turns the credential of a request, or its absence, into an actor. Null refuses it. */
export type Authenticate = (credential: string | null, facts: RequestFacts) => Promise<Actor | null>;

export const factsOf = (request: IncomingMessage, source: string, language?: unknown): RequestFacts => ({
  requestId: newId(),
  source,
  locale: localeOf(typeof language === 'string' ? language : request.headers['accept-language']),
  address: addressOf(request),
  userAgent: request.headers['user-agent']?.slice(0, 300) ?? null,
});

/** The trace that a request is a part of, if it names one. It may be made up. */
export const traceparentOf = ({ headers: { traceparent } }: IncomingMessage): string | undefined =>
  typeof traceparent === 'string' ? traceparent : undefined;

export const bearerOf = (request: IncomingMessage): string | null =>
  request.headers.authorization ? tokenOf(request.headers.authorization) : null;

/** The token of `Bearer <token>`. Any other scheme is an empty token, which nobody has. */
export const tokenOf = (authorization: string): string => /^Bearer\s+(\S+)$/i.exec(authorization)?.[1] ?? '';
