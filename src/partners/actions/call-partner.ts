// Calls to partners' machines, signed with the secret of their connection.

import { db } from '../../core/db.ts';
import { type CallAnswer, postSigned } from '../../core/signed-messages.ts';
import { secretsOf } from './signing-secrets.ts';

/**
 * POST a message to the URL of a connection. Never within a transaction. Rejects where no usable answer came: nobody
 * there, ten seconds over, a redirect, more than 64 KiB, or a connection that is archived or has no URL by now.
 */
export async function signedCall(connection: { id: string }, message: object, at: Date): Promise<CallAnswer> {
  const row = await db.connection.findFirst({ where: { id: connection.id, archivedAt: null } });
  if (!row?.url) throw new Error('this connection is not called any more');
  return postSigned(row.url, secretsOf(row, at), message);
}
