// The secrets with which messages are signed: of connections, and of webhooks.

import { seal, unseal } from '../../core/secrets.ts';
import { newSigningSecret } from '../../core/signed-messages.ts';
import { overlapEnd } from '../rules/connections.ts';

/** A row that keeps its secret sealed and, after a rotation, the former one for a time. */
interface Signing {
  id: string;
  sealedSecret: string;
  formerSecret: string | null;
  formerUntil: Date | null;
}

/** The secret of a row and, after a rotation, the former one in its time. */
export function secretsOf({ id, sealedSecret, formerSecret, formerUntil }: Signing, at: Date): string[] {
  const formerHolds = formerSecret !== null && formerUntil !== null && at < formerUntil;
  return [sealedSecret, ...(formerHolds ? [formerSecret] : [])].map((sealed) => unseal(sealed, id));
}

/** A new secret for a row, what to write for it, and what to tell of it. One that was former before ends now. */
export function rotateSecret(before: Signing, overlapHours: number, at: Date) {
  const secret = newSigningSecret();
  const overlaps = overlapHours > 0;
  const formerUntil = overlaps ? overlapEnd(at, overlapHours, null) : null;
  return {
    secret,
    data: {
      sealedSecret: seal(secret, before.id),
      formerSecret: overlaps ? before.sealedSecret : null,
      formerUntil,
      version: { increment: 1 },
    },
    changes: [
      { field: 'secret' },
      { field: 'formerSecretUntil', before: before.formerUntil, after: formerUntil },
    ],
  };
}
