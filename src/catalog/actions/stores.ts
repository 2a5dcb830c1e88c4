// Opening and changing stores.

import type { Actor } from '../../core/actor.ts';
import { type Tx, writeUnique } from '../../core/db.ts';
import { type Problem, problem, refuseIf, staleProblems, takenProblem } from '../../core/errors.ts';
import { changesBetween, emit } from '../../core/events.ts';
import { newId } from '../../core/ids.ts';
import { formatMinor, type MinorMoney } from '../../core/money.ts';
import type { StoreChange, StoreOpen } from '../inputs/stores.ts';
import { firstPolicies, policiesAfter, policyNames, policyProblems } from '../rules.ts';
import { catalogProblem } from '../texts.ts';
import { lockStore } from './locked-rows.ts';

/**
 * Open a store. Whoever opens one acts in all stores, or they could not see what they opened (NOT_PERMITTED). Refuses
 * a code that is taken (ALREADY_EXISTS), freight in another than the first currency (FREIGHT_CURRENCY) and what an own
 * site would leave to a platform (POLICY_NEEDS_PLATFORM).
 */
export async function openStore(tx: Tx, actor: Actor, input: StoreOpen, at: Date): Promise<{ id: string }> {
  const policies = policiesAfter(firstPolicies(input.platform), input.policies);
  refuseIf([
    ...(actor.stores === 'ALL' ? [] : [problem('NOT_PERMITTED')]),
    ...(await codeProblems(tx, input.code)),
    ...freightProblems(input.currencies, input),
    ...policyProblems(input.platform, policies, input.policies),
  ]);
  const storeId = newId();
  await writeUnique(
    tx.store.create({
      data: {
        id: storeId,
        code: input.code,
        platform: input.platform,
        timeZone: input.timeZone,
        currencies: input.currencies,
        freightMinor: input.freight?.minor ?? 0n,
        freightFreeFromMinor: input.freightFreeFrom?.minor ?? null,
        ...(input.lineQuantityMax ? { lineQuantityMax: input.lineQuantityMax } : {}),
        ...policies,
        createdAt: at,
        texts: { create: input.texts },
      },
    }),
    { store_code_key: takenProblem(['code'], input.code) },
  );
  await emit(tx, actor, {
    type: 'store.opened',
    entityId: storeId,
    version: 1,
    payload: { code: input.code },
    storeId,
    occurredAt: at,
  });
  return { id: storeId };
}

/**
 * Change a store. Freight is kept in the first currency: whoever changes that gives the amounts anew, or the old
 * numbers would be read in the new currency (FREIGHT_CURRENCY). A store that becomes an own site takes over what its
 * platform did (POLICY_NEEDS_PLATFORM).
 */
export async function changeStore(
  tx: Tx,
  actor: Actor,
  input: StoreChange,
  at: Date,
): Promise<{ id: string }> {
  const before = await lockStore(tx, actor, input.storeId);
  const policies = policiesAfter(before, input.policies);
  refuseIf([
    ...staleProblems(before, input.expectedVersion),
    ...(input.code === undefined || input.code === before.code ? [] : await codeProblems(tx, input.code)),
    ...freightProblems(input.currencies ?? before.currencies, input),
    ...freightLeftBehind(before, input),
    ...policyProblems(input.platform ?? before.platform, policies, input.policies),
  ]);
  if (input.texts) await tx.storeText.deleteMany({ where: { storeId: before.id } });
  const write = tx.store.update({
    where: { id: before.id },
    data: {
      ...(input.code ? { code: input.code } : {}),
      ...(input.platform ? { platform: input.platform } : {}),
      ...(input.timeZone ? { timeZone: input.timeZone } : {}),
      ...(input.currencies ? { currencies: input.currencies } : {}),
      ...(input.freight ? { freightMinor: input.freight.minor } : {}),
      ...(input.freightFreeFrom ? { freightFreeFromMinor: input.freightFreeFrom.minor } : {}),
      ...(input.freightNeverFree ? { freightFreeFromMinor: null } : {}),
      ...(input.lineQuantityMax ? { lineQuantityMax: input.lineQuantityMax } : {}),
      ...policies,
      ...(input.texts ? { texts: { create: input.texts } } : {}),
      version: { increment: 1 },
    },
    include: { texts: { orderBy: { locale: 'asc' } } },
  });
  const after = await writeUnique(write, {
    store_code_key: takenProblem(['code'], input.code ?? before.code),
  });
  await emit(tx, actor, {
    type: 'store.changed',
    entityId: after.id,
    version: after.version,
    payload: { code: after.code },
    changes: changesBetween(factsOf(before), factsOf(after), storeFacts),
    storeId: after.id,
    occurredAt: at,
  });
  return { id: after.id };
}

const storeFacts = [
  'code',
  'platform',
  'names',
  'timeZone',
  'currencies',
  'freight',
  'freightFreeFrom',
  'lineQuantityMax',
  ...policyNames,
] as const;

type StoreRow = Awaited<ReturnType<typeof lockStore>>;

/** A store as its events tell it. */
function factsOf({ texts, freightMinor, freightFreeFromMinor, ...store }: StoreRow) {
  const amount = (minor: bigint) => `${formatMinor(minor, store.currencies[0] ?? '')} ${store.currencies[0]}`;
  return {
    ...store,
    names: Object.fromEntries(texts.map(({ locale, name }) => [locale, name])),
    freight: amount(freightMinor),
    freightFreeFrom: freightFreeFromMinor === null ? null : amount(freightFreeFromMinor),
  };
}

const codeProblems = async (tx: Tx, code: string): Promise<Problem[]> =>
  (await tx.store.count({ where: { code } })) > 0 ? [takenProblem(['code'], code)] : [];

type Freight = { freight?: MinorMoney | undefined; freightFreeFrom?: MinorMoney | undefined };

function freightProblems([currency = '']: readonly string[], input: Freight): Problem[] {
  return (['freight', 'freightFreeFrom'] as const).flatMap((field) => {
    const given = input[field]?.currency;
    return given === undefined || given === currency
      ? []
      : [catalogProblem('FREIGHT_CURRENCY', { path: [field, 'currency'], params: { currency } })];
  });
}

function freightLeftBehind(before: StoreRow, input: StoreChange): Problem[] {
  const [currency = before.currencies[0] ?? ''] = input.currencies ?? [];
  if (currency === before.currencies[0]) return [];
  const problemAt = (field: string) =>
    catalogProblem('FREIGHT_CURRENCY', { path: [field], params: { currency } });
  return [
    ...(before.freightMinor > 0n && !input.freight ? [problemAt('freight')] : []),
    ...(before.freightFreeFromMinor !== null && !input.freightFreeFrom && !input.freightNeverFree
      ? [problemAt('freightFreeFrom')]
      : []),
  ];
}
