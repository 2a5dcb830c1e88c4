// What is true of connections and of the secrets that sign. Pure: no database, no clock.

import type { ConnectionKind, PartnerKind } from '../../generated/prisma/enums.ts';

/** What partners of each kind report by connections. */
const reporters: Readonly<Record<ConnectionKind, readonly PartnerKind[]>> = {
  PAYMENT: ['PAYMENT_GATEWAY'],
  TRACKING: ['CARRIER', 'WAREHOUSE', 'MARKETPLACE', 'OTHER'],
};

/** True when partners of a kind report such things. */
export const isReporter = (partner: PartnerKind, kind: ConnectionKind): boolean =>
  reporters[kind].includes(partner);

/** When the former of two secrets ends: after the overlap, or before that when it would have ended anyway. */
export function overlapEnd(at: Date, overlapHours: number, otherwise: Date | null): Date {
  const end = new Date(at.getTime() + overlapHours * 3_600_000);
  return otherwise !== null && otherwise < end ? otherwise : end;
}

/** Path at which a connection's messages arrive. */
export const hookPath = ({ kind, code }: { kind: string; code: string }): string =>
  `/hooks/${kind.toLowerCase()}/${code}`;
