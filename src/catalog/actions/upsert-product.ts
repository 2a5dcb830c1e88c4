// Products upserted as a caller's own system describes them.

import { isDeepStrictEqual } from 'node:util';
import type { Actor } from '../../core/actor.ts';
import { lockName, type Tx } from '../../core/db.ts';
import { refuseIf, takenProblem } from '../../core/errors.ts';
import type { ProductUpsert } from '../inputs/products.ts';
import { actionProblems, optionPair, statesInWork } from '../rules.ts';
import { lockProduct, lockVersion, versionInWork } from './locked-rows.ts';
import { createProduct, editProduct, reviseProduct } from './products.ts';
import { addVariants } from './variants.ts';
import { contentOf, factsOf } from './version-content.ts';

/**
 * Upsert a product as it is described: created where its reference is new; else a draft says this, begun where no version
 * is in work, and variants with new SKUs are added. What is so already is not written, and nothing is archived. Refuses
 * what creating and editing refuse.
 */
export async function upsertProduct(
  tx: Tx,
  actor: Actor,
  input: ProductUpsert,
  at: Date,
): Promise<{ id: string }> {
  await lockName(tx, 'product-reference', input.externalReference);
  const known = await tx.product.findUnique({
    where: { externalReference: input.externalReference },
    select: { id: true },
  });
  if (!known) return createProduct(tx, actor, input, at);
  await lockProduct(tx, actor, known.id);
  await keepContent(tx, actor, known.id, input, at);
  await keepVariants(tx, actor, known.id, input, at);
  return known;
}

async function keepContent(tx: Tx, actor: Actor, productId: string, input: ProductUpsert, at: Date) {
  const newest =
    (await versionInWork(tx, productId)) ??
    (await tx.productVersion.findFirstOrThrow({ where: { productId }, orderBy: { number: 'desc' } }));
  const before = await lockVersion(tx, actor, newest.id);
  const isSame = isDeepStrictEqual(factsOf(contentOf(before)), factsOf(input));
  if (isSame && before.product.categoryId === input.categoryId) return;
  const isInWork = statesInWork.some((state) => state === before.state);
  if (isInWork)
    refuseIf(
      actionProblems('EDIT', before, actor).map((found) => ({ ...found, path: ['externalReference'] })),
    );
  const draftId = isInWork ? before.id : (await reviseProduct(tx, actor, productId, at)).id;
  const { version: expectedVersion } = await tx.productVersion.findUniqueOrThrow({
    where: { id: draftId },
    select: { version: true },
  });
  const { texts, options, imageIds, categoryId } = input;
  await editProduct(
    tx,
    actor,
    { productVersionId: draftId, expectedVersion, texts, options, imageIds, categoryId },
    at,
  );
}

async function keepVariants(tx: Tx, actor: Actor, productId: string, { variants }: ProductUpsert, at: Date) {
  const references = variants.flatMap(({ externalReference }) => externalReference ?? []);
  const others = await tx.variant.findMany({
    where: {
      OR: [
        { sku: { in: variants.map(({ sku }) => sku) } },
        { externalReference: { in: references } },
        { productId },
      ],
    },
    select: { productId: true, sku: true, externalReference: true, options: true, archivedAt: true },
  });
  const own = new Set(others.filter((other) => other.productId === productId).map(({ sku }) => sku));
  refuseIf(
    variants.flatMap(({ sku, externalReference, options }, i) => {
      const pairs = options.map(optionPair).sort();
      const isTaken = {
        sku: others.some((other) => other.sku === sku && other.productId !== productId),
        externalReference:
          externalReference !== undefined &&
          others.some((other) => other.externalReference === externalReference && other.sku !== sku),
        options: others.some(
          (other) =>
            other.productId === productId &&
            other.sku !== sku &&
            !other.archivedAt &&
            isDeepStrictEqual(other.options, pairs),
        ),
      };
      return [
        ...(isTaken.sku ? [takenProblem(['variants', i, 'sku'], sku)] : []),
        ...(isTaken.externalReference
          ? [takenProblem(['variants', i, 'externalReference'], externalReference ?? '')]
          : []),
        ...(isTaken.options ? [takenProblem(['variants', i, 'options'], pairs.join(', ') || '–')] : []),
      ];
    }),
  );
  await addVariants(
    tx,
    actor,
    productId,
    variants.filter(({ sku }) => !own.has(sku)),
    at,
  );
}
