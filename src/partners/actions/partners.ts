// Opening, changing and archiving partners.

import { type Actor, actsEverywhere, isColleague } from '../../core/actor.ts';
import { type Tx, writeUnique } from '../../core/db.ts';
import { DomainError, notFound, problem, refuseIf, staleProblems, takenProblem } from '../../core/errors.ts';
import { changesBetween, emit } from '../../core/events.ts';
import { newId } from '../../core/ids.ts';
import { visiblePartners } from '../access.ts';
import type { PartnerChange, PartnerOpen } from '../inputs/partners.ts';
import { partnersProblem } from '../texts.ts';
import { revokeKeysOf } from './keys.ts';

/** Open a partner. Refuses with NOT_PERMITTED whoever is no colleague, with ALREADY_EXISTS for its code. */
export async function openPartner(
  tx: Tx,
  actor: Actor,
  input: PartnerOpen,
  at: Date,
): Promise<{ id: string }> {
  if (!isColleague(actor)) throw new DomainError([problem('NOT_PERMITTED')]);
  refuseIf(
    (await tx.partner.count({ where: { code: input.code } })) > 0 ? [takenProblem(['code'], input.code)] : [],
  );
  const { texts, ...partner } = input;
  const id = newId();
  await writeUnique(
    tx.partner.create({ data: { id, ...partner, createdAt: at, texts: { create: texts } } }),
    {
      partner_code_key: takenProblem(['code'], input.code),
    },
  );
  await emit(tx, actor, {
    type: 'partner.opened',
    entityId: id,
    version: 1,
    payload: { code: input.code },
    changes: [{ field: 'kind', after: input.kind }],
    occurredAt: at,
  });
  return { id };
}

/** Change a partner's kind and names. */
export async function changePartner(
  tx: Tx,
  actor: Actor,
  input: PartnerChange,
  at: Date,
): Promise<{ id: string }> {
  const before = await lockPartner(tx, actor, input.partnerId);
  refuseIf(staleProblems(before, input.expectedVersion));
  if (input.texts) await tx.partnerText.deleteMany({ where: { partnerId: before.id } });
  const after = await tx.partner.update({
    where: { id: before.id },
    data: {
      ...(input.kind ? { kind: input.kind } : {}),
      ...(input.texts ? { texts: { create: input.texts } } : {}),
      version: { increment: 1 },
    },
    include: { texts: { orderBy: { locale: 'asc' } } },
  });
  await emit(tx, actor, {
    type: 'partner.changed',
    entityId: after.id,
    version: after.version,
    payload: { code: after.code },
    changes: changesBetween(factsOf(before), factsOf(after), ['kind', 'names']),
    occurredAt: at,
  });
  return { id: after.id };
}

/**
 * Archive a partner and revoke their keys. Repeating it changes nothing. Needs a colleague with every store and location, because
 * keys end (NOT_PERMITTED). Refuses with PARTNER_CONNECTED while machines report: what they report would be lost.
 */
export async function archivePartner(
  tx: Tx,
  actor: Actor,
  partnerId: string,
  at: Date,
): Promise<{ id: string }> {
  const before = await lockPartner(tx, actor, partnerId);
  if (!isColleague(actor) || !actsEverywhere(actor))
    throw new DomainError([problem('NOT_PERMITTED', { path: ['partnerId'] })]);
  if (before.archivedAt) return { id: partnerId };
  const connections = await tx.connection.count({ where: { partnerId, archivedAt: null } });
  refuseIf(
    connections > 0
      ? [partnersProblem('PARTNER_CONNECTED', { path: ['partnerId'], params: { connections } })]
      : [],
  );
  const after = await tx.partner.update({
    where: { id: partnerId },
    data: { archivedAt: at, version: { increment: 1 } },
  });
  await emit(tx, actor, {
    type: 'partner.archived',
    entityId: partnerId,
    version: after.version,
    payload: { code: after.code },
    changes: changesBetween<{ archivedAt: Date | null }>(before, after, ['archivedAt']),
    occurredAt: at,
  });
  await revokeKeysOf(tx, actor, partnerId, at);
  return { id: partnerId };
}

async function lockPartner(tx: Tx, actor: Actor, id: string) {
  await tx.$queryRaw`SELECT 1 FROM partner WHERE id = ${id}::uuid FOR UPDATE`;
  const partner = await tx.partner.findFirst({
    where: { AND: [{ id }, visiblePartners(actor)] },
    include: { texts: { orderBy: { locale: 'asc' } } },
  });
  if (!partner) throw new DomainError([notFound('Partner', ['partnerId'])]);
  return partner;
}

/** A partner as its events tell it. */
const factsOf = ({ texts, ...partner }: Awaited<ReturnType<typeof lockPartner>>) => ({
  ...partner,
  names: Object.fromEntries(texts.map(({ locale, name }) => [locale, name])),
});
