// Partners that something is made for.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { notFound, type Problem } from '../../core/errors.ts';
import { partnersProblem } from '../texts.ts';

/** Keep a partner from being archived meanwhile. The problem when there is none, or it is archived already. */
export async function holdPartner(tx: Tx, actor: Actor, id: string): Promise<Problem[]> {
  const [partner] = await tx.$queryRaw<{ archived: boolean }[]>`
    SELECT archived_at IS NOT NULL AS archived FROM partner WHERE id = ${id}::uuid FOR SHARE`;
  const isForeign = actor.kind === 'KEY' && actor.partnerId !== id;
  if (!partner || isForeign) return [notFound('Partner', ['partnerId'])];
  return partner.archived ? [partnersProblem('PARTNER_ARCHIVED', { path: ['partnerId'] })] : [];
}
