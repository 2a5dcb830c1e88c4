// Hiring, changing and leaving of staff.

import type { Actor } from '../../core/actor.ts';
import { lockName, type Tx, writeUnique } from '../../core/db.ts';
import {
  DomainError,
  notFound,
  type Problem,
  problem,
  refuseIf,
  staleProblems,
  takenProblem,
} from '../../core/errors.ts';
import { changesBetween, emit } from '../../core/events.ts';
import { newId, toGlobalId } from '../../core/ids.ts';
import { visibleStaff } from '../access.ts';
import type { StaffChange, StaffHire } from '../inputs/staff.ts';
import {
  colleagueProblems,
  exceedsOwn,
  isWithin,
  notHeld,
  reachProblems,
  unknownProblems,
} from '../rules.ts';
import { identityProblem } from '../texts.ts';
import { endSessions } from './session-rows.ts';

type Rights = Pick<StaffChange, 'postIds' | 'storeIds' | 'locationIds' | 'allStores' | 'allLocations'>;

/**
 * Hire a person: an account that can log in, with posts, stores and locations. Refuses whoever is no
 * colleague (NOT_PERMITTED), rights that the actor does not have (GRANT_EXCEEDS_OWN) and an e-mail address that is taken
 * (ALREADY_EXISTS).
 */
export async function hireStaff(
  tx: Tx,
  actor: Actor,
  input: Omit<StaffHire, 'password'> & { passwordHash: string },
  at: Date,
): Promise<{ id: string }> {
  refuseIf(colleagueProblems(actor));
  const problems = await grantProblems(tx, actor, input);
  if ((await tx.staffPerson.count({ where: { email: input.email } })) > 0) {
    problems.push(problem('ALREADY_EXISTS', { path: ['email'], params: { value: input.email } }));
  }
  refuseIf(problems);
  const staffId = newId();
  await writeUnique(
    tx.staff.create({
      data: {
        id: staffId,
        passwordHash: input.passwordHash,
        locale: input.locale,
        allStores: input.allStores ?? false,
        allLocations: input.allLocations ?? false,
        createdAt: at,
        person: { create: { name: input.name, email: input.email } },
        ...linksOf(input),
      },
    }),
    { person_staff_email_key: takenProblem(['email'], input.email) },
  );
  await emit(tx, actor, {
    type: 'staff.hired',
    entityId: staffId,
    version: 1,
    payload: {},
    changes: [{ field: 'name' }, { field: 'email' }],
    occurredAt: at,
  });
  return { id: staffId };
}

/** Change a person's name, language, posts, stores and locations. Open streams end, so that new rights hold at once. */
export async function changeStaff(
  tx: Tx,
  actor: Actor,
  input: StaffChange,
  at: Date,
): Promise<{ id: string }> {
  const before = await lockStaff(tx, actor, input.staffId);
  refuseIf(staleProblems(before, input.expectedVersion));
  refuseIf(await grantProblems(tx, actor, input));
  if (input.postIds) await tx.staffPost.deleteMany({ where: { staffId: before.id } });
  if (input.storeIds) await tx.staffStore.deleteMany({ where: { staffId: before.id } });
  if (input.locationIds) await tx.staffLocation.deleteMany({ where: { staffId: before.id } });
  const after = await tx.staff.update({
    where: { id: before.id },
    data: {
      ...(input.locale ? { locale: input.locale } : {}),
      ...(input.allStores === undefined ? {} : { allStores: input.allStores }),
      ...(input.allLocations === undefined ? {} : { allLocations: input.allLocations }),
      ...(input.name ? { person: { update: { name: input.name } } } : {}),
      ...linksOf(input),
      version: { increment: 1 },
    },
  });
  await refuseWithoutAdministrator(tx);
  await emit(tx, actor, {
    type: 'staff.changed',
    entityId: after.id,
    version: after.version,
    payload: {},
    changes: [
      ...(input.name ? [{ field: 'name' }] : []),
      ...changesBetween(before, after, ['locale', 'allStores', 'allLocations']),
      ...(input.postIds
        ? [{ field: 'posts', after: input.postIds.map((id) => toGlobalId('Post', id)) }]
        : []),
      ...(input.storeIds
        ? [{ field: 'stores', after: input.storeIds.map((id) => toGlobalId('Store', id)) }]
        : []),
      ...(input.locationIds
        ? [{ field: 'locations', after: input.locationIds.map((id) => toGlobalId('Location', id)) }]
        : []),
    ],
    occurredAt: at,
  });
  return { id: after.id };
}

/** Record that a person left: no login any more, every session and stream ends. Repeating it changes nothing. */
export async function leaveStaff(tx: Tx, actor: Actor, staffId: string, at: Date): Promise<{ id: string }> {
  const before = await lockStaff(tx, actor, staffId);
  if (before.state === 'LEFT') return { id: staffId };
  const after = await tx.staff.update({
    where: { id: staffId },
    data: { state: 'LEFT', version: { increment: 1 } },
  });
  await refuseWithoutAdministrator(tx);
  await emit(tx, actor, {
    type: 'staff.left',
    entityId: staffId,
    version: after.version,
    payload: {},
    changes: changesBetween(before, after, ['state']),
    occurredAt: at,
  });
  await endSessions(tx, actor, 'staff', { ownerId: staffId }, at);
  return { id: staffId };
}

/**
 * Lock a person whom the actor may manage. Refuses with NOT_PERMITTED who is no colleague, and where the person has
 * rights that the actor does not have: together with the rule that nobody gives what they do not have, rights never grow over their giver's.
 */
async function lockStaff(tx: Tx, actor: Actor, staffId: string) {
  refuseIf(colleagueProblems(actor));
  await tx.$queryRaw`SELECT 1 FROM staff WHERE id = ${staffId}::uuid FOR UPDATE`;
  const staff = await tx.staff.findFirst({
    where: { AND: [{ id: staffId }, visibleStaff(actor)] },
    include: {
      posts: { select: { post: { select: { permissions: true } } } },
      stores: { select: { storeId: true } },
      locations: { select: { locationId: true } },
    },
  });
  if (!staff) throw new DomainError([notFound('Staff', ['staffId'])]);
  const { posts, stores, locations, ...person } = staff;
  const within =
    notHeld(
      posts.flatMap(({ post }) => post.permissions),
      actor.permissions,
    ).length === 0 &&
    isWithin(
      actor.stores,
      person.allStores,
      stores.map((row) => row.storeId),
    ) &&
    isWithin(
      actor.locations,
      person.allLocations,
      locations.map((row) => row.locationId),
    );
  if (!within) throw new DomainError([problem('NOT_PERMITTED', { path: ['staffId'] })]);
  return person;
}

const linksOf = (rights: Rights) => ({
  ...(rights.postIds ? { posts: { create: unique(rights.postIds).map((postId) => ({ postId })) } } : {}),
  ...(rights.storeIds ? { stores: { create: unique(rights.storeIds).map((storeId) => ({ storeId })) } } : {}),
  ...(rights.locationIds
    ? { locations: { create: unique(rights.locationIds).map((locationId) => ({ locationId })) } }
    : {}),
});

const unique = (ids: readonly string[]): string[] => [...new Set(ids)];

/** Unknown posts, stores and locations, and rights that the actor does not have. */
async function grantProblems(tx: Tx, actor: Actor, rights: Rights): Promise<Problem[]> {
  const postIds = unique(rights.postIds ?? []);
  const posts = await tx.post.findMany({ where: { id: { in: postIds }, archivedAt: null } });
  const stores = await tx.store.findMany({
    where: { id: { in: unique(rights.storeIds ?? []) } },
    select: { id: true },
  });
  const locations = await tx.location.findMany({
    where: { id: { in: unique(rights.locationIds ?? []) } },
    select: { id: true },
  });
  const excess = notHeld(
    posts.flatMap((post) => post.permissions),
    actor.permissions,
  );
  return [
    ...unknownProblems(rights.postIds, posts, 'postIds', 'Post'),
    ...unknownProblems(rights.storeIds, stores, 'storeIds', 'Store'),
    ...unknownProblems(rights.locationIds, locations, 'locationIds', 'Location'),
    ...(excess.length > 0 ? [exceedsOwn(['postIds'], excess.join(', '))] : []),
    ...reachProblems(actor.stores, rights.storeIds, rights.allStores, 'storeIds', 'allStores'),
    ...reachProblems(actor.locations, rights.locationIds, rights.allLocations, 'locationIds', 'allLocations'),
  ];
}

/** There is always somebody with every permission, or nobody could give them any more. */
export async function refuseWithoutAdministrator(tx: Tx): Promise<void> {
  await lockName(tx, 'last-administrator');
  const administrators = await tx.staff.count({
    where: { state: 'ACTIVE', posts: { some: { post: { code: 'administrator' } } } },
  });
  if (administrators === 0) throw new DomainError([identityProblem('LAST_ADMINISTRATOR')]);
}
