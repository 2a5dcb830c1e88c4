// Defining and changing categories.

import type { Actor } from '../../core/actor.ts';
import { lockName, type Tx, writeUnique } from '../../core/db.ts';
import { notFound, type Problem, refuseIf, staleProblems, takenProblem } from '../../core/errors.ts';
import { changesBetween, emit } from '../../core/events.ts';
import { newId, toGlobalId } from '../../core/ids.ts';
import type { CategoryChange, CategoryDefine } from '../inputs/categories.ts';
import { catalogProblem } from '../texts.ts';
import { lockCategory } from './locked-rows.ts';

/** Define a category. Refuses a code that is taken (ALREADY_EXISTS) and an unknown parent (NOT_FOUND). */
export async function defineCategory(
  tx: Tx,
  actor: Actor,
  input: CategoryDefine,
  at: Date,
): Promise<{ id: string }> {
  refuseIf([...(await codeProblems(tx, input.code)), ...(await parentProblems(tx, input.parentId))]);
  const categoryId = newId();
  await writeUnique(
    tx.category.create({
      data: {
        id: categoryId,
        code: input.code,
        parentId: input.parentId ?? null,
        taxRateBasisPoints: input.taxRateBasisPoints,
        createdAt: at,
        texts: { create: input.texts },
      },
    }),
    { category_code_key: takenProblem(['code'], input.code) },
  );
  await emit(tx, actor, {
    type: 'category.defined',
    entityId: categoryId,
    version: 1,
    payload: { code: input.code },
    occurredAt: at,
  });
  return { id: categoryId };
}

/** Change a category. Refuses to put it within itself (CATEGORY_CYCLE): moves within the tree run one after another. */
export async function changeCategory(
  tx: Tx,
  actor: Actor,
  input: CategoryChange,
  at: Date,
): Promise<{ id: string }> {
  if (input.parentId) await lockName(tx, 'category-tree');
  const before = await lockCategory(tx, input.categoryId);
  refuseIf([
    ...staleProblems(before, input.expectedVersion),
    ...(input.code === undefined || input.code === before.code ? [] : await codeProblems(tx, input.code)),
    ...(await parentProblems(tx, input.parentId)),
    ...(input.parentId && (await liesWithin(tx, input.parentId, before.id))
      ? [catalogProblem('CATEGORY_CYCLE', { path: ['parentId'] })]
      : []),
  ]);
  if (input.texts) await tx.categoryText.deleteMany({ where: { categoryId: before.id } });
  const write = tx.category.update({
    where: { id: before.id },
    data: {
      ...(input.code ? { code: input.code } : {}),
      ...(input.parentId ? { parentId: input.parentId } : {}),
      ...(input.makeRoot ? { parentId: null } : {}),
      ...(input.taxRateBasisPoints === undefined ? {} : { taxRateBasisPoints: input.taxRateBasisPoints }),
      ...(input.texts ? { texts: { create: input.texts } } : {}),
      version: { increment: 1 },
    },
    include: { texts: { orderBy: { locale: 'asc' } } },
  });
  const after = await writeUnique(write, {
    category_code_key: takenProblem(['code'], input.code ?? before.code),
  });
  await emit(tx, actor, {
    type: 'category.changed',
    entityId: after.id,
    version: after.version,
    payload: { code: after.code },
    changes: changesBetween(factsOf(before), factsOf(after), [
      'code',
      'parent',
      'names',
      'taxRateBasisPoints',
    ]),
    occurredAt: at,
  });
  return { id: after.id };
}

const factsOf = ({ texts, ...category }: Awaited<ReturnType<typeof lockCategory>>) => ({
  ...category,
  parent: category.parentId && toGlobalId('Category', category.parentId),
  names: Object.fromEntries(texts.map(({ locale, name }) => [locale, name])),
});

const codeProblems = async (tx: Tx, code: string): Promise<Problem[]> =>
  (await tx.category.count({ where: { code } })) > 0 ? [takenProblem(['code'], code)] : [];

const parentProblems = async (tx: Tx, parentId: string | undefined): Promise<Problem[]> =>
  parentId === undefined || (await tx.category.count({ where: { id: parentId } })) > 0
    ? []
    : [notFound('Category', ['parentId'])];

/** True when a category is another one or lies in it, however deep. */
async function liesWithin(tx: Tx, categoryId: string, ancestorId: string): Promise<boolean> {
  const rows = await tx.$queryRaw<{ within: boolean }[]>`
    WITH RECURSIVE way AS (
      SELECT id, parent_id FROM category WHERE id = ${categoryId}::uuid
      UNION
      SELECT above.id, above.parent_id FROM category above JOIN way ON above.id = way.parent_id
    )
    SELECT EXISTS (SELECT 1 FROM way WHERE id = ${ancestorId}::uuid) AS within`;
  return rows[0]?.within ?? false;
}
