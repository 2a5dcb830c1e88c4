// Versions of products as the world sees them: texts, options, images, review, and what may be done next.

import type { Actor } from '../../core/actor.ts';
import { db } from '../../core/db.ts';
import { type AllowedAction, allowedActionType } from '../../graphql/allowed-actions.ts';
import { builder, enumRef, enumType } from '../../graphql/builder.ts';
import { textIn } from '../../graphql/text.ts';
import { seesStaff } from '../../identity/access.ts';
import { seesProductVersion } from '../access.ts';
import { actionProblems, type ProductVersionAction, versionMoves } from '../rules.ts';
import { productVersionActions, productVersionStates } from '../texts.ts';

const State = enumType('ProductVersionState', 'Where a version is in its life.', productVersionStates);
const Action = enumType(
  'ProductVersionAction',
  'Something that can be done with a version.',
  productVersionActions,
);

const AllowedProductVersionAction = allowedActionType<ProductVersionAction>('ProductVersion', Action);

/** A getter, because the enum is another domain's and need not be defined yet. */
const localeOfRow = {
  get type() {
    return enumRef('Locale') as never;
  },
  select: { locale: true } as const,
  resolve: ((row: { locale: string }) => row.locale) as never,
};

const ProductText = builder.prismaObject('ProductVersionText', {
  variant: 'ProductText',
  description: 'Name and description of a product in one language.',
  select: { locale: true },
  fields: (t) => ({
    locale: t.field({ ...localeOfRow, description: 'Language of this text.' }),
    name: t.exposeString('name', { description: 'Name of the product.' }),
    description: t.exposeString('description', { description: 'What the product is, as shoppers read it.' }),
  }),
});

const ProductOptionValue = builder.objectRef<{ code: string; name: string }>('ProductOptionValue').implement({
  description: 'One value of an option.',
  fields: (t) => ({
    code: t.exposeString('code', { description: 'Stable short name: `red`.' }),
    name: t.exposeString('name', { description: 'Name in the language of the request.' }),
  }),
});

const ProductOptionText = builder.prismaObject('ProductOptionText', {
  description: 'Names of an option and of its values in one language.',
  select: { locale: true },
  fields: (t) => ({
    locale: t.field({ ...localeOfRow, description: 'Language of these names.' }),
    name: t.exposeString('name', { description: 'Name of the option.' }),
    valueNames: t.exposeStringList('valueNames', { description: 'Names of the values, in their order.' }),
  }),
});

const optionTexts = { texts: { select: { locale: true, name: true, valueNames: true } } } as const;

const ProductOption = builder.prismaObject('ProductOption', {
  select: { id: true },
  fields: (t) => ({
    code: t.exposeString('code'),
    name: t.string({
      description: 'Name in the language of the request.',
      select: { code: true, ...optionTexts },
      resolve: (option, _args, { actor }) => textIn(option.texts, actor.locale)?.name ?? option.code,
    }),
    values: t.field({
      type: [ProductOptionValue],
      description: 'Its values in order; at most 50.',
      select: { code: true, values: true, ...optionTexts },
      resolve: (option, _args, { actor }) => {
        const names = textIn(option.texts, actor.locale)?.valueNames ?? [];
        return option.values.map((code, i) => ({ code, name: names[i] ?? code }));
      },
    }),
    texts: t.relation('texts', {
      description: 'Its names by language; at most one for each.',
      type: ProductOptionText,
    }),
  }),
});

export const ProductVersion = builder.prismaNode('ProductVersion', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: (version, { actor }) => seesProductVersion(actor, version),
  select: { id: true, state: true },
  fields: (t) => {
    const person = (description: string, column: 'authorId' | 'lastEditorId' | 'reviewerId') =>
      t.prismaField({
        type: 'Staff',
        nullable: true,
        description: `${description} Null where the caller may not see that person.`,
        select: { [column]: true } as { authorId: true },
        resolve: (query, version, _args, { actor }) => {
          const id = (version as unknown as Record<string, string | null>)[column] ?? null;
          const wanted = { ...query, where: { id: id ?? '' } };
          return id !== null && seesStaff(actor, { id }) ? db.staff.findUnique(wanted) : null;
        },
      });
    return {
      product: t.relation('product', { description: 'The product whose version it is.' }),
      number: t.exposeInt('number'),
      state: t.expose('state', { type: State, description: 'Where it is in its life.' }),
      name: t.string({
        description: 'Name of the product in the language of the request.',
        select: { texts: true },
        resolve: (version, _args, { actor }) => textIn(version.texts, actor.locale)?.name ?? '',
      }),
      description: t.string({
        description: 'What the product is, in the language of the request.',
        select: { texts: true },
        resolve: (version, _args, { actor }) => textIn(version.texts, actor.locale)?.description ?? '',
      }),
      texts: t.relation('texts', {
        type: ProductText,
        description: 'Its texts by language; at most one for each.',
      }),
      options: t.field({
        type: [ProductOption],
        description: 'Properties in which the variants differ, in order; at most 3.',
        select: ((_args: object, _context: object, nested: (select: object) => object) => ({
          options: nested({ orderBy: { position: 'asc' } }),
        })) as never,
        resolve: ((version: { options: never[] }) => version.options) as never,
      }),
      images: t.field({
        type: ['Image' as never],
        description: 'Its images in order; at most 20.',
        select: ((_args: object, _context: object, nested: (select: boolean) => object) => ({
          images: { orderBy: { position: 'asc' }, take: 20, select: { image: nested(true) } },
        })) as never,
        resolve: ((version: { images: { image: never }[] }) =>
          version.images.map(({ image }) => image)) as never,
      }),
      author: person('Who began it.', 'authorId'),
      lastEditor: person('Who edited it last.', 'lastEditorId'),
      reviewer: person('Who approved or rejected it.', 'reviewerId'),
      rejectionReason: t.exposeString('rejectionReason', {
        nullable: true,
        description: 'Why the last review sent it back; null once it is approved.',
      }),
      submittedAt: t.expose('submittedAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When it was last handed in for review.',
      }),
      reviewedAt: t.expose('reviewedAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When it was approved or rejected.',
      }),
      publishedAt: t.expose('publishedAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When it was published.',
      }),
      withdrawnAt: t.expose('withdrawnAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When it was withdrawn.',
      }),
      createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was begun.' }),
      allowedActions: t.field({
        type: [AllowedProductVersionAction],
        description: 'What the caller can do with the version now, and why not.',
        select: {
          state: true,
          authorId: true,
          lastEditorId: true,
          texts: true,
          product: { select: { variants: { where: { archivedAt: null }, take: 1, select: { id: true } } } },
        },
        resolve: (version, _args, { actor }) => allowedActions(version, actor),
      }),
      version: t.exposeInt('version', { description: 'Raised by one with every event.' }),
    };
  },
});

const allowedActions = (
  version: Parameters<typeof actionProblems>[1],
  actor: Actor,
): AllowedAction<ProductVersionAction>[] =>
  (Object.keys(versionMoves) as ProductVersionAction[]).map((action) => {
    const [refusal = null] = actionProblems(action, version, actor);
    return { action, refusal };
  });
