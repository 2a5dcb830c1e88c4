// Adding and archiving variants.

import type { Actor } from '../../core/actor.ts';
import { type Tx, writeUnique } from '../../core/db.ts';
import { type Problem, refuseIf, staleProblems, takenProblem } from '../../core/errors.ts';
import { changesBetween, emit, emitAll } from '../../core/events.ts';
import { newId } from '../../core/ids.ts';
import { ofVariant } from '../events.ts';
import type { VariantAdd, VariantArchive, VariantNew } from '../inputs/variants.ts';
import { fitsOptions, optionPair } from '../rules.ts';
import { catalogProblem } from '../texts.ts';
import { lockProduct, lockVariant } from './locked-rows.ts';

/**
 * Add a variant to a product. It has exactly one value of each option of the newest version (OPTIONS_MISMATCH), and is
 * sold as soon as a version that knows its values is published. Refuses a SKU, reference or combination that is taken.
 */
export async function addVariant(
  tx: Tx,
  actor: Actor,
  { productId, variant }: VariantAdd,
  at: Date,
): Promise<{ id: string }> {
  await lockProduct(tx, actor, productId);
  const newest = await tx.productVersion.findFirstOrThrow({
    where: { productId },
    orderBy: { number: 'desc' },
    select: { options: { orderBy: { position: 'asc' }, select: { code: true, values: true } } },
  });
  const rows = variantRows(productId, [variant], at);
  const pairs = rows.flatMap((row) => row.options);
  const taken = await takenVariantProblems(tx, [variant], []);
  refuseIf([
    ...taken.map((found) => ({ ...found, path: ['variant', ...found.path.slice(1)] })),
    ...(fitsOptions(pairs, newest.options) ? [] : [mismatch(newest.options)]),
    ...(await combinationProblems(tx, productId, pairs)),
  ]);
  await writeUnique(tx.variant.createMany({ data: rows }), {
    variant_sku_key: takenProblem(['variant', 'sku'], variant.sku),
    variant_external_reference_key: takenProblem(
      ['variant', 'externalReference'],
      variant.externalReference ?? '',
    ),
  });
  const variantId = rows[0]?.id ?? '';
  await emit(tx, actor, {
    type: 'variant.added',
    entityId: variantId,
    version: 1,
    payload: ofVariant({ productId, sku: variant.sku }),
    occurredAt: at,
  });
  return { id: variantId };
}

/** Archive a variant: it cannot be ordered any more; orders and stock keep it. Repeating it changes nothing. */
export async function archiveVariant(
  tx: Tx,
  actor: Actor,
  input: VariantArchive,
  at: Date,
): Promise<{ id: string }> {
  const before = await lockVariant(tx, actor, input.variantId);
  refuseIf(staleProblems(before, input.expectedVersion));
  if (before.archivedAt) return { id: before.id };
  const after = await tx.variant.update({
    where: { id: before.id },
    data: { archivedAt: at, version: { increment: 1 } },
  });
  await emit(tx, actor, {
    type: 'variant.archived',
    entityId: after.id,
    version: after.version,
    payload: ofVariant(after),
    changes: changesBetween(before, after, ['archivedAt']),
    occurredAt: at,
  });
  return { id: after.id };
}

/** Write new variants of a product; what they must fit was checked. Refuses what somebody else has just taken. */
export async function addVariants(
  tx: Tx,
  actor: Actor,
  productId: string,
  variants: readonly VariantNew[],
  at: Date,
): Promise<void> {
  const rows = variantRows(productId, variants, at);
  await writeUnique(tx.variant.createMany({ data: rows }), {
    variant_sku_key: takenProblem(['variants'], 'SKU'),
    variant_external_reference_key: takenProblem(['variants'], 'externalReference'),
  });
  await emitAll(
    tx,
    actor,
    rows.map((variant) => ({
      type: 'variant.added' as const,
      entityId: variant.id,
      version: 1,
      payload: ofVariant(variant),
      occurredAt: at,
    })),
  );
}

/** Rows of new variants. Options are stored sorted, so that one combination is one value. */
const variantRows = (productId: string, variants: readonly VariantNew[], at: Date) =>
  variants.map((variant) => ({
    id: newId(),
    productId,
    sku: variant.sku,
    barcode: variant.barcode ?? null,
    options: variant.options.map(optionPair).sort(),
    externalReference: variant.externalReference ?? null,
    createdAt: at,
  }));

/** SKUs and references that other variants have, each at its field of the variant's place in the input. */
export async function takenVariantProblems(
  tx: Tx,
  variants: readonly VariantNew[],
  path: readonly string[],
): Promise<Problem[]> {
  const skus = variants.map((variant) => variant.sku);
  const references = variants.flatMap((variant) => variant.externalReference ?? []);
  const others = await tx.variant.findMany({
    where: { OR: [{ sku: { in: skus } }, { externalReference: { in: references } }] },
    select: { sku: true, externalReference: true },
  });
  return variants.flatMap(({ sku, externalReference }, i) => [
    ...(others.some((other) => other.sku === sku) ? [takenProblem([...path, i, 'sku'], sku)] : []),
    ...(externalReference !== undefined &&
    others.some((other) => other.externalReference === externalReference)
      ? [takenProblem([...path, i, 'externalReference'], externalReference)]
      : []),
  ]);
}

async function combinationProblems(tx: Tx, productId: string, pairs: string[]): Promise<Problem[]> {
  const same = await tx.variant.count({ where: { productId, archivedAt: null, options: { equals: pairs } } });
  return same > 0 ? [takenProblem(['variant', 'options'], pairs.join(', ') || '–')] : [];
}

const mismatch = (options: readonly { code: string; values: readonly string[] }[]): Problem =>
  catalogProblem('OPTIONS_MISMATCH', {
    path: ['variant', 'options'],
    params: {
      expected: options.map(({ code, values }) => `${code} (${values.join(', ')})`).join('; ') || '–',
    },
  });
