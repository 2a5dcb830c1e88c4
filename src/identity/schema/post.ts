// Posts and the permissions that come with them.

import { z } from 'zod';
import { listPermissions } from '../../core/actor.ts';
import { db } from '../../core/db.ts';
import { builder } from '../../graphql/builder.ts';
import { list } from '../../graphql/connection.ts';
import { mutation } from '../../graphql/payload.ts';
import { nameFields } from '../../graphql/text.ts';
import { seesPosts, visiblePosts } from '../access.ts';
import { archivePost, changePost, definePost } from '../actions/posts.ts';
import { postArchiveInput, postChangeInput, postDefineInput } from '../inputs/posts.ts';

export const Post = builder.prismaNode('Post', {
  id: { field: 'id', description: 'Global id.' },
  select: { id: true },
  authScopes: (_post, { actor }) => seesPosts(actor),
  fields: (t) => ({
    code: t.exposeString('code'),
    ...nameFields(t),
    permissions: t.exposeStringList('permissions', { description: 'Permissions that come with the post.' }),
    isReference: t.exposeBoolean('reference'),
    archivedAt: t.expose('archivedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the post was archived.',
    }),
    version: t.exposeInt('version', { description: 'Raised by one with every event.' }),
  }),
});

const Permission = builder.objectRef<ReturnType<typeof listPermissions>[number]>('Permission').implement({
  description: 'Something that a post or a key may allow.',
  fields: (t) => ({
    name: t.exposeString('name', { description: '`<domain>.<verb>`.' }),
    title: t.string({
      description: 'Meaning in the language of the request.',
      resolve: (permission, _args, { actor }) => permission.title[actor.locale],
    }),
    isWrite: t.boolean({
      description: 'True when the set `<domain>:write` has it.',
      resolve: (permission) => permission.kind === 'write',
    }),
    isGuarded: t.boolean({
      description:
        'True when no set has it, because it opens personal data or what colleagues write: it is granted by its own name.',
      resolve: (permission) => permission.kind === 'guarded',
    }),
  }),
});

builder.queryFields((t) => ({
  permissions: t.field({
    type: [Permission],
    description: 'Every permission there is, by name.',
    authScopes: { internal: true },
    resolve: () => listPermissions(),
  }),
}));

list('posts', {
  type: 'Post',
  description: 'Posts of the department (岗位). Empty for keys.',
  scope: 'internal',
  where: z.object({
    archived: z
      .boolean()
      .optional()
      .meta({ graphql: 'Boolean', description: 'True: only archived posts. False: only those in use.' }),
  }),
  orderings: {
    CODE: [
      ['code', 'asc'],
      ['id', 'asc'],
    ],
  },
  orderingTitles: { CODE: { en: 'By code', zh: '按代码' } },
  filter: (actor, where) => ({
    AND: [
      visiblePosts(actor),
      where?.archived === undefined ? {} : { archivedAt: where.archived ? { not: null } : null },
    ],
  }),
  find: (query) => db.post.findMany(query),
  count: (query) => db.post.count(query),
});

mutation('postDefine', {
  description:
    'Define a post. Keys are refused with NOT_PERMITTED. Refused with ALREADY_EXISTS, UNKNOWN_PERMISSION, GRANT_EXCEEDS_OWN.',
  scope: 'staff.manage',
  input: postDefineInput,
  run: definePost,
  returns: 'Post',
});

mutation('postChange', {
  description:
    'Change a post of the department’s own. Refused with NOT_PERMITTED (keys; a post that permits more than the caller may; not all stores and locations), STALE_VERSION, REFERENCE_POST, UNKNOWN_PERMISSION, GRANT_EXCEEDS_OWN.',
  scope: 'staff.manage',
  input: postChangeInput,
  run: changePost,
  returns: 'Post',
});

mutation('postArchive', {
  description:
    'Archive a post of the department’s own. Refused with NOT_PERMITTED as `postChange`, NOT_FOUND, REFERENCE_POST.',
  scope: 'staff.manage',
  input: postArchiveInput,
  run: (tx, actor, input, at) => archivePost(tx, actor, input.postId, at),
  returns: 'Post',
});
