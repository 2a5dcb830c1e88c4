// Creating products, editing their drafts and beginning new versions.

import type { Actor } from '../../core/actor.ts';
import { type Tx, writeUnique } from '../../core/db.ts';
import { DomainError, type Problem, refuseIf, staleProblems, takenProblem } from '../../core/errors.ts';
import { changesBetween, emit } from '../../core/events.ts';
import { newId, toGlobalId } from '../../core/ids.ts';
import type { ProductCreate, ProductEdit } from '../inputs/products.ts';
import { actionProblems, fitsOptions, type OptionValues, versionMoves } from '../rules.ts';
import { catalogProblem, productVersionStates } from '../texts.ts';
import { type LockedVersion, lockProduct, lockVersion, versionInWork } from './locked-rows.ts';
import { addVariants, takenVariantProblems } from './variants.ts';
import {
  categoryProblems,
  contentOf,
  factsOf,
  imageProblems,
  personOf,
  replaceContent,
  searchWordsOf,
  type VersionContent,
  writeContent,
} from './version-content.ts';
import { emitVersion } from './version-events.ts';

/**
 * Create a product with its first version, a draft, and its variants. Refuses SKUs and references that are taken
 * (ALREADY_EXISTS), an unknown category and images that are unknown (NOT_FOUND) or not uploaded (IMAGE_NOT_READY).
 */
export async function createProduct(
  tx: Tx,
  actor: Actor,
  input: ProductCreate,
  at: Date,
): Promise<{ id: string }> {
  refuseIf([
    ...(await categoryProblems(tx, input.categoryId)),
    ...(await referenceProblems(tx, input.externalReference)),
    ...(await takenVariantProblems(tx, input.variants, ['variants'])),
    ...(await imageProblems(tx, actor, input.imageIds)),
  ]);
  const productId = newId();
  await writeUnique(
    tx.product.create({
      data: {
        id: productId,
        categoryId: input.categoryId,
        externalReference: input.externalReference ?? null,
        createdAt: at,
      },
    }),
    { product_external_reference_key: takenProblem(['externalReference'], input.externalReference ?? '') },
  );
  await emit(tx, actor, {
    type: 'product.created',
    entityId: productId,
    version: 1,
    payload: { categoryNodeId: toGlobalId('Category', input.categoryId) },
    occurredAt: at,
  });
  await addVariants(tx, actor, productId, input.variants, at);
  await draftVersion(tx, actor, { productId, number: 1, content: input }, at);
  return { id: productId };
}

/**
 * Edit a version that is a draft or was rejected; a rejected one becomes a draft again. Options must keep fitting the
 * variants that are not archived (VARIANT_OPTIONS_KEPT). The category belongs to the product and changes at once.
 */
export async function editProduct(
  tx: Tx,
  actor: Actor,
  input: ProductEdit,
  at: Date,
): Promise<{ id: string }> {
  const before = await lockVersion(tx, actor, input.productVersionId);
  refuseIf([
    ...staleProblems(before, input.expectedVersion),
    ...actionProblems('EDIT', before, actor),
    ...(await categoryProblems(tx, input.categoryId)),
    ...(await imageProblems(tx, actor, input.imageIds)),
    ...variantsLeftOut(before, input.options),
  ]);
  const content = {
    ...contentOf(before),
    ...(input.texts ? { texts: input.texts } : {}),
    ...(input.options ? { options: input.options } : {}),
    ...(input.imageIds ? { imageIds: input.imageIds } : {}),
  };
  await replaceContent(tx, before.id, input);
  const after = await tx.productVersion.update({
    where: { id: before.id },
    data: {
      state: versionMoves.EDIT.to,
      lastEditorId: personOf(actor),
      imported: false,
      reviewerId: null,
      reviewedAt: null,
      searchWords: searchWordsOf(content),
      version: { increment: 1 },
    },
  });
  const changes = changesBetween(factsOf(contentOf(before)), factsOf(content), [
    'texts',
    'options',
    'images',
  ]);
  await emitVersion(tx, actor, 'productVersion.edited', before, after, at, changes);
  if (input.categoryId && input.categoryId !== before.product.categoryId) {
    await moveProduct(tx, actor, before.product, input.categoryId, at);
  }
  return { id: after.id };
}

/**
 * Begin a new version of a product, a draft that says what the published version says, or the newest where none is
 * published. Refuses while another version is in work (VERSION_IN_WORK).
 */
export async function reviseProduct(
  tx: Tx,
  actor: Actor,
  productId: string,
  at: Date,
): Promise<{ id: string }> {
  const product = await lockProduct(tx, actor, productId);
  const inWork = await versionInWork(tx, productId);
  if (inWork) {
    const params = { number: inWork.number, state: productVersionStates[inWork.state] };
    throw new DomainError([catalogProblem('VERSION_IN_WORK', { path: ['productId'], params })]);
  }
  const newest = await tx.productVersion.findFirstOrThrow({
    where: { productId },
    orderBy: { number: 'desc' },
    select: { id: true, number: true },
  });
  const content = contentOf(await lockVersion(tx, actor, product.publishedVersionId ?? newest.id));
  const draftId = await draftVersion(tx, actor, { productId, number: newest.number + 1, content }, at);
  return { id: draftId };
}

async function draftVersion(
  tx: Tx,
  actor: Actor,
  { productId, number, content }: { productId: string; number: number; content: VersionContent },
  at: Date,
): Promise<string> {
  const authorId = personOf(actor);
  const draft = await tx.productVersion.create({
    data: {
      id: newId(),
      productId,
      number,
      authorId,
      lastEditorId: authorId,
      searchWords: searchWordsOf(content),
      createdAt: at,
    },
  });
  await writeContent(tx, draft.id, content);
  await emitVersion(tx, actor, 'productVersion.drafted', null, draft, at);
  return draft.id;
}

async function moveProduct(
  tx: Tx,
  actor: Actor,
  before: LockedVersion['product'],
  categoryId: string,
  at: Date,
): Promise<void> {
  const after = await tx.product.update({
    where: { id: before.id },
    data: { categoryId, version: { increment: 1 } },
  });
  await emit(tx, actor, {
    type: 'product.changed',
    entityId: after.id,
    version: after.version,
    payload: { categoryNodeId: toGlobalId('Category', categoryId) },
    changes: changesBetween(shown(before), shown(after), ['category']),
    occurredAt: at,
  });
}

const shown = ({ categoryId }: { categoryId: string }) => ({ category: toGlobalId('Category', categoryId) });

const referenceProblems = async (tx: Tx, reference: string | undefined): Promise<Problem[]> =>
  reference !== undefined && (await tx.product.count({ where: { externalReference: reference } })) > 0
    ? [takenProblem(['externalReference'], reference)]
    : [];

const variantsLeftOut = (
  { product }: LockedVersion,
  options: readonly OptionValues[] | undefined,
): Problem[] =>
  options === undefined
    ? []
    : product.variants
        .filter((variant) => !fitsOptions(variant.options, options))
        .map(({ sku, options: pairs }) =>
          catalogProblem('VARIANT_OPTIONS_KEPT', {
            path: ['options'],
            params: { sku, options: pairs.join(', ') || '–' },
          }),
        );
