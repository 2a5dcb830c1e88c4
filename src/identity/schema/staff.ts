// Members of the department.

import { z } from 'zod';
import { visibleStores } from '../../catalog/access.ts';
import { db } from '../../core/db.ts';
import { hashPassword } from '../../core/secrets.ts';
import { builder, enumType } from '../../graphql/builder.ts';
import { list, nestedList } from '../../graphql/connection.ts';
import { mutation } from '../../graphql/payload.ts';
import { visibleLocations } from '../../inventory/access.ts';
import { seesStaff, visibleSessions, visibleStaff } from '../access.ts';
import { changePassword, checkPassword } from '../actions/sessions.ts';
import { changeStaff, hireStaff, leaveStaff } from '../actions/staff.ts';
import { passwordChangeInput } from '../inputs/accounts.ts';
import { staffChangeInput, staffHireInput, staffLeaveInput } from '../inputs/staff.ts';
import { staffStates } from '../texts.ts';
import { Post } from './post.ts';

const StaffState = enumType('StaffState', 'Whether a person works here.', staffStates);

builder.prismaNode('Staff', {
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
    stores: t.field({
      type: ['Store' as never],
      description: 'Stores in which the person acts, of those in which the caller does; at most 100.',
      select: (_args, { actor }, nested) =>
        ({
          stores: {
            where: { store: visibleStores(actor) },
            orderBy: { storeId: 'asc' },
            take: 100,
            select: { store: nested(true) },
          },
        }) as never,
      resolve: (staff) =>
        (staff as unknown as { stores: { store: never }[] }).stores.map(({ store }) => store),
    }),
    locations: t.field({
      type: ['Location' as never],
      description: 'Locations at which the person acts, of those at which the caller does; at most 100.',
      select: (_args, { actor }, nested) =>
        ({
          locations: {
            where: { location: visibleLocations(actor) },
            orderBy: { locationId: 'asc' },
            take: 100,
            select: { location: nested(true) },
          },
        }) as never,
      resolve: (staff) =>
        (staff as unknown as { locations: { location: never }[] }).locations.map(({ location }) => location),
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

list('staff', {
  type: 'Staff',
  description: 'Members of the department that the caller may see.',
  scope: 'internal',
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

mutation('staffHire', {
  description:
    'Make an account for a person. Keys are refused with NOT_PERMITTED. Refused with ALREADY_EXISTS, NOT_FOUND, GRANT_EXCEEDS_OWN.',
  scope: 'staff.manage',
  input: staffHireInput,
  prepare: async (_actor, input) => ({ passwordHash: await hashPassword('staff', input.password) }),
  run: hireStaff,
  returns: 'Staff',
});

mutation('staffChange', {
  description:
    'Change a person’s name, language, posts, stores and locations. Refused with NOT_FOUND, NOT_PERMITTED (keys; the person has rights that the caller does not have), STALE_VERSION, GRANT_EXCEEDS_OWN, LAST_ADMINISTRATOR.',
  scope: 'staff.manage',
  input: staffChangeInput,
  run: changeStaff,
  returns: 'Staff',
});

mutation('staffLeave', {
  description:
    'Record that a person left; every session ends. Refused with NOT_FOUND, NOT_PERMITTED as `staffChange`, LAST_ADMINISTRATOR.',
  scope: 'staff.manage',
  input: staffLeaveInput,
  run: (tx, actor, input, at) => leaveStaff(tx, actor, input.staffId, at),
  returns: 'Staff',
});

mutation('passwordChange', {
  description:
    'Set one’s own password; all other sessions end. Refused with LOGIN_FAILED, LOGIN_THROTTLED (type `LoginThrottled`).',
  scope: 'internal',
  input: passwordChangeInput,
  prepare: checkPassword,
  run: changePassword,
  returns: 'Staff',
});
