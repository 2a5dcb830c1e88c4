// The life of a version: submitted, approved or rejected, published, withdrawn.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { refuseIf, staleProblems } from '../../core/errors.ts';
import { changesBetween, emit } from '../../core/events.ts';
import { toGlobalId } from '../../core/ids.ts';
import type { ProductVersion } from '../../generated/prisma/client.ts';
import type { ProductMove, ProductReject } from '../inputs/products.ts';
import { actionProblems, type ProductVersionAction, versionMoves } from '../rules.ts';
import { type LockedVersion, lockVersion } from './locked-rows.ts';
import { personOf } from './version-content.ts';
import { emitVersion } from './version-events.ts';

/** Hand a draft in for review. Refuses with all that is missing at once (NAME_REQUIRED, VARIANT_REQUIRED). */
export async function submitProduct(
  tx: Tx,
  actor: Actor,
  input: ProductMove,
  at: Date,
): Promise<{ id: string }> {
  const before = await lockForAction(tx, actor, 'SUBMIT', input);
  const after = await moveVersion(tx, before.id, 'SUBMIT', { submittedAt: at });
  await emitVersion(tx, actor, 'productVersion.submitted', before, after, at);
  return { id: after.id };
}

/** Approve a version that another person wrote and edited last (else SELF_REVIEW_FORBIDDEN). */
export async function approveProduct(
  tx: Tx,
  actor: Actor,
  input: ProductMove,
  at: Date,
): Promise<{ id: string }> {
  const before = await lockForAction(tx, actor, 'APPROVE', input);
  const review = { reviewerId: personOf(actor), reviewedAt: at, rejectionReason: null };
  const after = await moveVersion(tx, before.id, 'APPROVE', review);
  await emitVersion(tx, actor, 'productVersion.approved', before, after, at);
  return { id: after.id };
}

/** Send a version back to its author with a reason. Refuses like an approval. */
export async function rejectProduct(
  tx: Tx,
  actor: Actor,
  input: ProductReject,
  at: Date,
): Promise<{ id: string }> {
  const before = await lockForAction(tx, actor, 'REJECT', input);
  const review = { reviewerId: personOf(actor), reviewedAt: at, rejectionReason: input.reason };
  const after = await moveVersion(tx, before.id, 'REJECT', review);
  await emitVersion(tx, actor, 'productVersion.rejected', before, after, at);
  return { id: after.id };
}

/**
 * Make an approved version what shoppers read, at once; the version published before is withdrawn. Refuses whatever
 * nobody approved (REVIEW_REQUIRED).
 */
export async function publishProduct(
  tx: Tx,
  actor: Actor,
  input: ProductMove,
  at: Date,
): Promise<{ id: string }> {
  const before = await lockForAction(tx, actor, 'PUBLISH', input);
  const { productId } = before;
  const former = await tx.productVersion.findFirst({ where: { productId, state: 'PUBLISHED' } });
  if (former) await withdrawVersion(tx, actor, former, at);
  const after = await moveVersion(tx, before.id, 'PUBLISH', { publishedAt: at });
  await emitVersion(tx, actor, 'productVersion.published', before, after, at);
  const product = await showVersion(tx, productId, after.id);
  await emit(tx, actor, {
    type: 'product.published',
    entityId: productId,
    version: product.version,
    payload: { productVersionNodeId: toGlobalId('ProductVersion', after.id) },
    changes: changesBetween(shown(before.product), shown(product), ['publishedVersion']),
    occurredAt: at,
  });
  return { id: after.id };
}

/** Take the published version away from shoppers: none of the product's variants can be ordered any more. */
export async function withdrawProduct(
  tx: Tx,
  actor: Actor,
  input: ProductMove,
  at: Date,
): Promise<{ id: string }> {
  const before = await lockForAction(tx, actor, 'WITHDRAW', input);
  await withdrawVersion(tx, actor, before, at);
  const product = await showVersion(tx, before.productId, null);
  await emit(tx, actor, {
    type: 'product.withdrawn',
    entityId: product.id,
    version: product.version,
    payload: { productVersionNodeId: toGlobalId('ProductVersion', before.id) },
    changes: changesBetween(shown(before.product), shown(product), ['publishedVersion']),
    occurredAt: at,
  });
  return { id: before.id };
}

async function withdrawVersion(tx: Tx, actor: Actor, before: ProductVersion, at: Date): Promise<void> {
  const after = await moveVersion(tx, before.id, 'WITHDRAW', { withdrawnAt: at });
  await emitVersion(tx, actor, 'productVersion.withdrawn', before, after, at);
}

async function lockForAction(
  tx: Tx,
  actor: Actor,
  action: ProductVersionAction,
  input: ProductMove,
): Promise<LockedVersion> {
  const version = await lockVersion(tx, actor, input.productVersionId);
  refuseIf([...staleProblems(version, input.expectedVersion), ...actionProblems(action, version, actor)]);
  return version;
}

const moveVersion = (tx: Tx, id: string, action: ProductVersionAction, data: Partial<ProductVersion>) =>
  tx.productVersion.update({
    where: { id },
    data: { ...data, state: versionMoves[action].to, version: { increment: 1 } },
  });

const showVersion = (tx: Tx, productId: string, publishedVersionId: string | null) =>
  tx.product.update({ where: { id: productId }, data: { publishedVersionId, version: { increment: 1 } } });

/** What is told of a product whose published version changed. */
const shown = ({ publishedVersionId: id }: { publishedVersionId: string | null }) => ({
  publishedVersion: id && toGlobalId('ProductVersion', id),
});
