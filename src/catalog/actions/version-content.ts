// What a version of a product says: its texts, options and images, written as a whole and told by its events.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { DomainError, notFound, type Problem, problem } from '../../core/errors.ts';
import { newId, toGlobalId } from '../../core/ids.ts';
import { indexWords } from '../../core/words.ts';
import { visibleImages } from '../access.ts';
import type { ProductCreate } from '../inputs/products.ts';
import { catalogProblem } from '../texts.ts';
import type { LockedVersion } from './locked-rows.ts';

export type VersionContent = Pick<ProductCreate, 'texts' | 'options' | 'imageIds'>;

/** Write content to a version that has none of its kind. */
export async function writeContent(
  tx: Tx,
  productVersionId: string,
  content: Partial<VersionContent>,
): Promise<void> {
  const { texts = [], options = [], imageIds = [] } = content;
  const rows = options.map((option, position) => ({ ...option, id: newId(), productVersionId, position }));
  if (texts.length > 0) {
    await tx.productVersionText.createMany({ data: texts.map((text) => ({ productVersionId, ...text })) });
  }
  if (rows.length > 0) {
    await tx.productOption.createMany({ data: rows.map(({ texts: _, ...row }) => row) });
    await tx.productOptionText.createMany({
      data: rows.flatMap((row) => row.texts.map((text) => ({ optionId: row.id, ...text }))),
    });
  }
  if (imageIds.length > 0) {
    await tx.productVersionImage.createMany({
      data: imageIds.map((imageId, position) => ({ productVersionId, imageId, position })),
    });
  }
}

/** Put the given kinds of content in the place of what a version has. */
export async function replaceContent(
  tx: Tx,
  productVersionId: string,
  content: Partial<VersionContent>,
): Promise<void> {
  if (content.texts) await tx.productVersionText.deleteMany({ where: { productVersionId } });
  if (content.options) {
    await tx.productOptionText.deleteMany({ where: { option: { productVersionId } } });
    await tx.productOption.deleteMany({ where: { productVersionId } });
  }
  if (content.imageIds) await tx.productVersionImage.deleteMany({ where: { productVersionId } });
  await writeContent(tx, productVersionId, content);
}

/** The content of a version as it was read. */
export const contentOf = ({ texts, options, images }: LockedVersion): VersionContent => ({
  texts: texts.map(({ locale, name, description }) => ({ locale: localeOf(locale), name, description })),
  options: options.map((option) => ({
    code: option.code,
    values: option.values,
    texts: option.texts.map(({ locale, name, valueNames }) => ({
      locale: localeOf(locale),
      name,
      valueNames,
    })),
  })),
  imageIds: images.map(({ imageId }) => imageId),
});

/** A version as its events tell it: texts by language, options by code. */
export const factsOf = ({ texts, options, imageIds }: VersionContent) => ({
  texts: Object.fromEntries(texts.map(({ locale, ...text }) => [locale, text])),
  options: Object.fromEntries(
    options.map((option) => [
      option.code,
      {
        values: option.values,
        names: Object.fromEntries(option.texts.map(({ locale, ...text }) => [locale, text])),
      },
    ]),
  ),
  images: imageIds.map((id) => toGlobalId('Image', id)),
});

/** Words by which a version is found, those of its names first: only so many are kept. */
export const searchWordsOf = ({ texts, options }: VersionContent): string[] =>
  indexWords([
    ...texts.map((text) => text.name),
    ...options.flatMap((option) => option.texts.flatMap((text) => [text.name, ...text.valueNames])),
    ...texts.map((text) => text.description),
  ]);

/** Images that are unknown to the actor or not uploaded yet, each at its place in `imageIds`. */
export async function imageProblems(
  tx: Tx,
  actor: Actor,
  imageIds: readonly string[] | undefined,
): Promise<Problem[]> {
  if (!imageIds?.length) return [];
  const found = await tx.image.findMany({
    where: { AND: [{ id: { in: [...imageIds] } }, visibleImages(actor)] },
    select: { id: true, state: true },
  });
  return imageIds.flatMap((id, i) => {
    const image = found.find((row) => row.id === id);
    if (!image) return [notFound('Image', ['imageIds', i])];
    return image.state === 'READY' ? [] : [catalogProblem('IMAGE_NOT_READY', { path: ['imageIds', i] })];
  });
}

export const categoryProblems = async (tx: Tx, categoryId: string | undefined): Promise<Problem[]> =>
  categoryId === undefined || (await tx.category.count({ where: { id: categoryId } })) > 0
    ? []
    : [notFound('Category', ['categoryId'])];

/** Who is written down as author, editor, reviewer or uploader. Refuses acts that nobody stands behind. */
export function personOf(actor: Actor): string {
  if (actor.id === null) throw new DomainError([problem('NOT_PERMITTED')]);
  return actor.id;
}

const localeOf = (locale: string): 'en' | 'zh' => (locale === 'zh' ? 'zh' : 'en');
