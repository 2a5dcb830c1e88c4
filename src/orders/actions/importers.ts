// In whose name imports write, and whether whoever asked for one may still import.

import { type Actor, anonymous, systemActor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { localeOf } from '../../core/texts.ts';
import type { OrderImport } from '../../generated/prisma/client.ts';
import { actorOfKey, keyRights } from '../../partners/actions/key-actors.ts';
import { isKeyLive } from '../../partners/rules/keys.ts';
import { importingStaff, seesImport } from '../access.ts';

/** The one in whose name an import writes, whoever carries it out. */
export const importer = (
  row: Pick<OrderImport, 'actorKind' | 'actorId' | 'partnerId' | 'locale'>,
  request: Partial<Actor> = {},
): Actor => ({
  ...systemActor('orders.import'),
  ...request,
  kind: row.actorKind === 'KEY' ? 'KEY' : 'STAFF',
  id: row.actorId,
  partnerId: row.partnerId,
  locale: localeOf(row.locale) ?? 'en',
});

/** True while the key that asked for an import works, or the colleague is here, and has `orders.import` in its store. */
export async function stillImports(
  tx: Tx,
  row: Pick<OrderImport, 'actorKind' | 'actorId' | 'storeId' | 'partnerId'>,
  at: Date,
): Promise<boolean> {
  if (row.actorKind !== 'KEY')
    return (await tx.staff.count({ where: { id: row.actorId, ...importingStaff(row.storeId) } })) > 0;
  const key = await tx.apiKey.findUnique({ where: { id: row.actorId }, select: keyRights });
  return key !== null && isKeyLive(key, at) && seesImport(actorOfKey(key, anonymous()), row);
}
