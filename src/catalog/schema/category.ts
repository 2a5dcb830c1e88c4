// Categories as the world sees them. They are public.

import { z } from 'zod';
import { db } from '../../core/db.ts';
import { boolean, idOf } from '../../core/inputs.ts';
import { builder } from '../../graphql/builder.ts';
import { list, nestedList } from '../../graphql/connection.ts';
import { mutation } from '../../graphql/payload.ts';
import { nameFields } from '../../graphql/text.ts';
import { changeCategory, defineCategory } from '../actions/categories.ts';
import { categoryChangeInput, categoryDefineInput } from '../inputs/categories.ts';

builder.prismaNode('Category', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: { public: true },
  select: { id: true },
  fields: (t) => ({
    code: t.exposeString('code', { description: 'Stable short name: `shoes`.' }),
    ...nameFields(t),
    parent: t.relation('parent', { nullable: true, description: 'Category it lies in; null for a root.' }),
    children: nestedList(t, {
      type: 'Category',
      description: 'Categories that lie in it, by code.',
      relation: 'children',
      ordering: [
        ['code', 'asc'],
        ['id', 'asc'],
      ],
      count: ({ id }) => db.category.count({ where: { parentId: id } }),
    }),
    taxRateBasisPoints: t.exposeInt('taxRateBasisPoints'),
    version: t.exposeInt('version', { description: 'Raised by one with every event.' }),
  }),
});

list('categories', {
  type: 'Category',
  description: 'Categories of the catalog (类目).',
  scope: 'public',
  where: z.object({
    root: boolean().optional().describe('True: only roots. False: only those that lie in another.'),
    parentId: idOf('Category').optional().describe('Only those that lie right in this one.'),
  }),
  orderings: {
    CODE: [
      ['code', 'asc'],
      ['id', 'asc'],
    ],
  },
  orderingTitles: { CODE: { en: 'By code', zh: '按代码' } },
  filter: (_actor, where) => ({
    AND: [
      where?.root === undefined ? {} : { parentId: where.root ? null : { not: null } },
      where?.parentId ? { parentId: where.parentId } : {},
    ],
  }),
  find: (query) => db.category.findMany(query),
  count: (query) => db.category.count(query),
});

mutation('categoryDefine', {
  description: 'Define a category. Refused with ALREADY_EXISTS, NOT_FOUND.',
  scope: 'categories.manage',
  input: categoryDefineInput,
  run: defineCategory,
  returns: 'Category',
});

mutation('categoryChange', {
  description:
    'Change a category; a new tax rate holds for orders from then on. Refused with NOT_FOUND, STALE_VERSION, ALREADY_EXISTS, CATEGORY_CYCLE.',
  scope: 'categories.manage',
  input: categoryChangeInput,
  run: changeCategory,
  returns: 'Category',
});
