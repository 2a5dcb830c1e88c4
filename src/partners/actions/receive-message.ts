// What partners' machines report: messages verified by the secret of the connection on which they come.

import type { IncomingHttpHeaders } from 'node:http';
import { type Actor, anonymous } from '../../core/actor.ts';
import { db } from '../../core/db.ts';
import { verifiedId } from '../../core/signed-messages.ts';
import type { ConnectionKind } from '../../generated/prisma/enums.ts';
import { secretsOf } from './signing-secrets.ts';

/** A message that came from the partner, whatever it says. */
export interface ReceivedMessage {
  connection: { id: string; code: string; partnerId: string; url: string | null };
  /** The connection acting for its partner: everywhere, and without any permission. */
  actor: Actor;
  /** Made by the sender, the same when it sends the message again. */
  messageId: string;
  message: unknown;
}

/** Why a message is not heard, and the HTTP status that says so. */
export const messageFailures = { FORGED: 401, MALFORMED: 400 } as const;
export type MessageFailure = keyof typeof messageFailures;

/**
 * Find the connection of a message, verify its signature and parse it. FORGED: signed with another secret,
 * altered on the way, or older than five minutes; or no connection of this kind has the code, or it is archived, which
 * nobody learns who cannot sign. MALFORMED: signed, but no JSON, or an id of more than 128 characters.
 */
export async function receiveMessage(
  kind: ConnectionKind,
  code: string,
  headers: IncomingHttpHeaders,
  body: string,
  at: Date,
): Promise<ReceivedMessage | MessageFailure> {
  const row = await db.connection.findFirst({ where: { code, kind, archivedAt: null } });
  if (!row) return 'FORGED';
  const messageId = verifiedId(secretsOf(row, at), headers, body);
  if (messageId === null) return 'FORGED';
  const message = parsed(body);
  if (message === undefined || messageId.length > MESSAGE_ID_MAX) return 'MALFORMED';
  const { id, partnerId, url } = row;
  const actor: Actor = {
    ...anonymous({ source: 'hook' }),
    kind: 'KEY',
    id,
    partnerId,
    stores: 'ALL',
    locations: 'ALL',
  };
  return { connection: { id, code, partnerId, url }, actor, messageId, message };
}

const MESSAGE_ID_MAX = 128;

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
