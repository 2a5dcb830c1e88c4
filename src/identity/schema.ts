// What the world sees of staff, posts and sessions.

import { z } from 'zod';
import { listPermissions } from '../core/actor.ts';
import { db } from '../core/db.ts';
import { hashPassword } from '../core/secrets.ts';
import { listTitles } from '../core/texts.ts';
import { builder, enumType } from '../graphql/builder.ts';
import { list, nestedList } from '../graphql/connection.ts';
import { mutation } from '../graphql/payload.ts';
import { textIn } from '../graphql/text.ts';
import { seesSession, seesStaff, visibleSessions, visibleStaff } from './access.ts';
import { archivePost, changePost, definePost } from './actions/posts.ts';
import { changePassword, checkLogin, checkPassword, openSession, revokeSession } from './actions/sessions.ts';
import { changeStaff, hireStaff, leaveStaff } from './actions/staff.ts';
import './events.ts';
import {
  passwordChangeInput,
  postArchiveInput,
  postChangeInput,
  postDefineInput,
  sessionOpenInput,
  sessionRevokeInput,
  staffChangeInput,
  staffHireInput,
  staffLeaveInput,
} from './inputs.ts';
import { staffStates } from './texts.ts';

enumType('Locale', 'A language of the product.', {
  en: { en: 'English', zh: '英语' },
  zh: { en: 'Chinese', zh: '中文' },
});
const StaffState = enumType('StaffState', 'Whether a person works here.', staffStates);

const Post = builder.prismaNode('Post', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: { signedIn: true },
  fields: (t) => ({
    code: t.exposeString('code'),
    name: t.string({
      description: 'Name in the language of the request.',
      select: { texts: { select: { locale: true, name: true } } },
      resolve: (post, _args, { actor }) => textIn(post.texts, actor.locale)?.name ?? '',
    }),
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

const Staff = builder.prismaNode('Staff', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: (staff, { actor }) => seesStaff(actor, staff),
  select: { id: true },
  fields: (t) => ({
    name: t.string({
      description: 'Name of the person.',
      select: { person: { select: { name: true } } },
      resolve: (staff) => staff.person?.name ?? '',
    }),
    email: t.string({
      description: 'E-mail address to log in with.',
      select: { person: { select: { email: true } } },
      resolve: (staff) => staff.person?.email ?? '',
    }),
    state: t.expose('state', { type: StaffState, description: 'Whether the person works here.' }),
    locale: t.exposeString('locale'),
    posts: t.field({
      type: [Post],
      description: 'Posts of the person; at most 20.',
      select: (_args, _context, nested) =>
        ({ posts: { take: 20, orderBy: { postId: 'asc' }, select: { post: nested(true) } } }) as never,
      resolve: (staff) => (staff as unknown as { posts: { post: never }[] }).posts.map(({ post }) => post),
    }),
    allStores: t.exposeBoolean('allStores'),
    allLocations: t.exposeBoolean('allLocations'),
    sessions: nestedList(t, {
      type: 'Session',
      description: 'Logins of the person, newest first.',
      relation: 'sessions',
      ordering: [
        ['createdAt', 'desc'],
        ['id', 'desc'],
      ],
      filter: visibleSessions,
      count: ({ id }, actor) =>
        db.session.count({ where: { AND: [{ staffId: id }, visibleSessions(actor)] } }),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the account was made.' }),
    version: t.exposeInt('version'),
  }),
});

builder.prismaNode('Session', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: (session, { actor }) => seesSession(actor, session),
  select: { id: true, staffId: true },
  fields: (t) => ({
    staff: t.relation('staff', { description: 'Whose session it is.' }),
    userAgent: t.exposeString('userAgent', { nullable: true, description: 'Program that logged in.' }),
    address: t.exposeString('address', { nullable: true, description: 'Network address that logged in.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the person logged in.' }),
    lastUsedAt: t.expose('lastUsedAt', { type: 'DateTime' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'When the session ends by itself.' }),
    revokedAt: t.expose('revokedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the session was ended; null while it lasts.',
    }),
    isCurrent: t.boolean({
      description: 'True for the session of this request.',
      resolve: (session, _args, { actor }) => session.id === actor.credentialId,
    }),
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
      description: 'True when it allows changes.',
      resolve: (permission) => permission.kind === 'write',
    }),
  }),
});

const EnumTitle = builder.objectRef<ReturnType<typeof listTitles>[number]>('EnumTitle').implement({
  description: 'How people call a value of an enum.',
  fields: (t) => ({
    enum: t.exposeString('enum', { description: 'Name of the enum.' }),
    value: t.exposeString('value', { description: 'Value of the enum.' }),
    title: t.exposeString('title', { description: 'Title in the language of the request.' }),
  }),
});

builder.queryFields((t) => ({
  viewer: t.prismaField({
    type: Staff,
    nullable: true,
    description: 'The person behind the session of this request; null for everybody else.',
    authScopes: { public: true },
    resolve: (query, _root, _args, { actor }) => {
      const selected = { ...query };
      return actor.kind === 'STAFF'
        ? db.staff.findUnique({ ...selected, where: { id: actor.id ?? '' } })
        : null;
    },
  }),
  viewerPermissions: t.stringList({
    description: 'Names of the permissions of this request.',
    authScopes: { signedIn: true },
    resolve: (_root, _args, { actor }) => [...actor.permissions].sort(),
  }),
  permissions: t.field({
    type: [Permission],
    description: 'Every permission there is, by name.',
    authScopes: { signedIn: true },
    resolve: () => listPermissions(),
  }),
  titles: t.field({
    type: [EnumTitle],
    description: 'Titles of all enum values in the language of the request, for front ends.',
    authScopes: { public: true },
    resolve: (_root, _args, { actor }) => listTitles(actor.locale),
  }),
}));

list('staff', {
  type: 'Staff',
  description: 'Members of the department that the caller may see.',
  scope: 'signedIn',
  where: z.object({
    state: z
      .enum(['ACTIVE', 'LEFT'])
      .optional()
      .meta({ graphql: 'StaffState', description: 'Only people in this state.' }),
  }),
  orderings: {
    NEWEST: [
      ['createdAt', 'desc'],
      ['id', 'desc'],
    ],
  },
  orderingTitles: { NEWEST: { en: 'Newest first', zh: '最新优先' } },
  filter: (actor, where) => ({ AND: [visibleStaff(actor), where?.state ? { state: where.state } : {}] }),
  find: (query) => db.staff.findMany(query),
  count: (query) => db.staff.count(query),
});

list('posts', {
  type: 'Post',
  description: 'Posts of the department (岗位).',
  scope: 'signedIn',
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
  filter: (_actor, where) =>
    where?.archived === undefined ? {} : { archivedAt: where.archived ? { not: null } : null },
  find: (query) => db.post.findMany(query),
  count: (query) => db.post.count(query),
});

mutation('sessionOpen', {
  description: 'Log in. Public. Refused with LOGIN_FAILED, or LOGIN_THROTTLED after too many attempts.',
  scope: 'public',
  input: sessionOpenInput,
  prepare: checkLogin,
  run: (tx, actor, input, at) => openSession(tx, actor, input.staffId, at),
  payload: (t) => ({
    token: t.string({
      nullable: true,
      description: 'Send as `Authorization: Bearer <token>`. Shown only here.',
      resolve: ({ result }) => result?.token ?? null,
    }),
  }),
});

mutation('sessionRevoke', {
  description:
    'End a session and its open streams: one’s own, or anybody’s with `staff.manage`. Refused with NOT_FOUND.',
  scope: 'signedIn',
  input: sessionRevokeInput,
  run: (tx, actor, input, at) => revokeSession(tx, actor, input.sessionId, at),
  returns: 'Session',
});

mutation('staffHire', {
  description: 'Make an account for a person. Refused with ALREADY_EXISTS, NOT_FOUND, GRANT_EXCEEDS_OWN.',
  scope: 'staff.manage',
  input: staffHireInput,
  prepare: async (_actor, input) => ({ passwordHash: await hashPassword(input.password) }),
  run: hireStaff,
  returns: 'Staff',
});

mutation('staffChange', {
  description:
    'Change a person’s name, language, posts, stores and locations. Refused with STALE_VERSION, NOT_FOUND, GRANT_EXCEEDS_OWN, LAST_ADMINISTRATOR.',
  scope: 'staff.manage',
  input: staffChangeInput,
  run: changeStaff,
  returns: 'Staff',
});

mutation('staffLeave', {
  description: 'Record that a person left; every session ends. Refused with NOT_FOUND, LAST_ADMINISTRATOR.',
  scope: 'staff.manage',
  input: staffLeaveInput,
  run: (tx, actor, input, at) => leaveStaff(tx, actor, input.staffId, at),
  returns: 'Staff',
});

mutation('passwordChange', {
  description: 'Set one’s own password; all other sessions end. Refused with LOGIN_FAILED, LOGIN_THROTTLED.',
  scope: 'signedIn',
  input: passwordChangeInput,
  prepare: checkPassword,
  run: (tx, actor, input, at) => changePassword(tx, actor, input.passwordHash, at),
  returns: 'Staff',
});

mutation('postDefine', {
  description: 'Define a post. Refused with ALREADY_EXISTS, UNKNOWN_PERMISSION, GRANT_EXCEEDS_OWN.',
  scope: 'staff.manage',
  input: postDefineInput,
  run: definePost,
  returns: 'Post',
});

mutation('postChange', {
  description:
    'Change a post of the department’s own. Refused with STALE_VERSION, REFERENCE_POST, UNKNOWN_PERMISSION, GRANT_EXCEEDS_OWN.',
  scope: 'staff.manage',
  input: postChangeInput,
  run: changePost,
  returns: 'Post',
});

mutation('postArchive', {
  description: 'Archive a post of the department’s own. Refused with NOT_FOUND, REFERENCE_POST.',
  scope: 'staff.manage',
  input: postArchiveInput,
  run: (tx, actor, input, at) => archivePost(tx, actor, input.postId, at),
  returns: 'Post',
});
