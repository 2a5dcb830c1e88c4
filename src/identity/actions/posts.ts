// Defining, changing and archiving posts.

import { type Actor, isPermission } from '../../core/actor.ts';
import { type Tx, writeUnique } from '../../core/db.ts';
import {
  DomainError,
  type Problem,
  problem,
  refuseIf,
  staleProblems,
  takenProblem,
} from '../../core/errors.ts';
import { changesBetween, emit } from '../../core/events.ts';
import { newId } from '../../core/ids.ts';
import type { PostChange, PostDefine } from '../inputs/posts.ts';
import { colleagueProblems, exceedsOwn, notHeld } from '../rules.ts';
import { identityProblem } from '../texts.ts';
import { refuseWithoutAdministrator } from './staff.ts';

/** Define a post of the department's own. Refuses who is no colleague, unknown permissions and those that the actor does not have. */
export async function definePost(tx: Tx, actor: Actor, input: PostDefine, at: Date): Promise<{ id: string }> {
  refuseIf(colleagueProblems(actor));
  const problems = permissionProblems(actor, input.permissions);
  if ((await tx.post.count({ where: { code: input.code } })) > 0) {
    problems.push(problem('ALREADY_EXISTS', { path: ['code'], params: { value: input.code } }));
  }
  refuseIf(problems);
  const postId = newId();
  await writeUnique(
    tx.post.create({
      data: {
        id: postId,
        code: input.code,
        permissions: [...new Set(input.permissions)].sort(),
        createdAt: at,
        texts: { create: input.texts },
      },
    }),
    { post_code_key: takenProblem(['code'], input.code) },
  );
  await emit(tx, actor, {
    type: 'post.defined',
    entityId: postId,
    version: 1,
    payload: { code: input.code },
    occurredAt: at,
  });
  return { id: postId };
}

/** Change a post's names and permissions; open streams of its holders end so that new rights hold at once. */
export async function changePost(tx: Tx, actor: Actor, input: PostChange, at: Date): Promise<{ id: string }> {
  const before = await lockPost(tx, actor, input.postId);
  refuseIf(staleProblems(before, input.expectedVersion));
  refuseIf(permissionProblems(actor, input.permissions ?? []));
  if (input.texts) await tx.postText.deleteMany({ where: { postId: before.id } });
  const after = await tx.post.update({
    where: { id: before.id },
    data: {
      ...(input.texts ? { texts: { create: input.texts } } : {}),
      ...(input.permissions ? { permissions: [...new Set(input.permissions)].sort() } : {}),
      version: { increment: 1 },
    },
  });
  await refuseWithoutAdministrator(tx);
  await emit(tx, actor, {
    type: 'post.changed',
    entityId: after.id,
    version: after.version,
    payload: { code: after.code },
    changes: changesBetween(before, after, ['permissions']),
    occurredAt: at,
  });
  return { id: after.id };
}

/** Archive a post: nobody gets it any more; those who have it keep it. Repeating it changes nothing. */
export async function archivePost(tx: Tx, actor: Actor, postId: string, at: Date): Promise<{ id: string }> {
  const before = await lockPost(tx, actor, postId);
  if (before.archivedAt) return { id: postId };
  const after = await tx.post.update({
    where: { id: postId },
    data: { archivedAt: at, version: { increment: 1 } },
  });
  await emit(tx, actor, {
    type: 'post.archived',
    entityId: postId,
    version: after.version,
    payload: { code: after.code },
    changes: changesBetween(before, after, ['archivedAt']),
    occurredAt: at,
  });
  return { id: postId };
}

/** Lock a post. Posts concern the whole department: a colleague changes one with every store and location, and what it permits. */
async function lockPost(tx: Tx, actor: Actor, postId: string) {
  refuseIf(colleagueProblems(actor));
  await tx.$queryRaw`SELECT 1 FROM post WHERE id = ${postId}::uuid FOR UPDATE`;
  const post = await tx.post.findUnique({ where: { id: postId } });
  if (!post) throw new DomainError([problem('NOT_FOUND', { path: ['postId'], params: { type: 'Post' } })]);
  const whole = actor.stores === 'ALL' && actor.locations === 'ALL';
  if (!whole || notHeld(post.permissions, actor.permissions).length > 0) {
    throw new DomainError([problem('NOT_PERMITTED', { path: ['postId'] })]);
  }
  if (post.reference) throw new DomainError([identityProblem('REFERENCE_POST', { path: ['postId'] })]);
  return post;
}

function permissionProblems(actor: Actor, permissions: readonly string[]): Problem[] {
  const excess = notHeld(permissions.filter(isPermission), actor.permissions);
  return [
    ...permissions.flatMap((name, i) =>
      isPermission(name)
        ? []
        : [identityProblem('UNKNOWN_PERMISSION', { path: ['permissions', i], params: { name } })],
    ),
    ...(excess.length > 0 ? [exceedsOwn(['permissions'], excess.join(', '))] : []),
  ];
}
