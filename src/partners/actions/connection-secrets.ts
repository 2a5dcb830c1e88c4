// The secrets with which messages on a connection are signed.

import { unseal } from '../../core/secrets.ts';
import type { Connection } from '../../generated/prisma/client.ts';

/** The secret of a connection and, after a rotation, the former one in its time. */
export function secretsOf(
  connection: Pick<Connection, 'id' | 'sealedSecret' | 'formerSecret' | 'formerUntil'>,
  at: Date,
): string[] {
  const { id, sealedSecret, formerSecret, formerUntil } = connection;
  const formerHolds = formerSecret !== null && formerUntil !== null && at < formerUntil;
  return [sealedSecret, ...(formerHolds ? [formerSecret] : [])].map((sealed) => unseal(sealed, id));
}
