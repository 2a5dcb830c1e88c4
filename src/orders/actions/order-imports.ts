// The life of an import: requested, its file received, begun, completed or failed.

import type { Actor } from '../../core/actor.ts';
import { db, lockName, type Tx } from '../../core/db.ts';
import { DomainError, problem, refuseIf } from '../../core/errors.ts';
import { type EventMap, emit, type FieldChange } from '../../core/events.ts';
import { newId, toGlobalId } from '../../core/ids.ts';
import { enqueue } from '../../core/jobs.ts';
import { hashToken, newToken } from '../../core/secrets.ts';
import { addMinutes } from '../../core/time.ts';
import type { OrderImport } from '../../generated/prisma/client.ts';
import type { OrderImportRequest } from '../inputs/import.ts';
import { IMPORT_UPLOAD_MINUTES } from '../rules/import-files.ts';
import type { ImportFailure } from '../texts.ts';
import { firstLocation, placeProblems } from './import-places.ts';
import { importer, stillImports } from './importers.ts';

/** What is known of a file that is there. */
export interface ImportFile {
  sha256: string;
  byteCount: number;
}

/**
 * Ask to import a file into a store. The token, returned once and stored only as a hash, lets anybody upload it once.
 * Refuses with NOT_FOUND (store, category, location) and NOT_PERMITTED for whoever is nobody: goods and orders are
 * written in somebody's name.
 */
export async function requestImport(
  tx: Tx,
  actor: Actor,
  input: OrderImportRequest,
  at: Date,
): Promise<{ id: string; token: string }> {
  const token = newToken('ds_upload');
  const upload = {
    uploadTokenHash: hashToken(token),
    uploadExpiresAt: addMinutes(at, IMPORT_UPLOAD_MINUTES),
  };
  const row = await createImport(tx, actor, input, upload, at);
  const changes = [{ field: 'uploadToken' }];
  await emitImport(tx, actor, 'orderImport.requested', row, {}, at, changes);
  return { id: row.id, token };
}

/**
 * Open the import of a file that is at hand, without an upload: a new one, or the one that took the same content before,
 * which goes on where it was or has nothing more to do.
 */
export async function openImport(
  tx: Tx,
  actor: Actor,
  input: OrderImportRequest & ImportFile,
  at: Date,
): Promise<OrderImport> {
  await lockImports(tx);
  const { storeId, sha256, byteCount } = input;
  const earlier = await findEarlier(tx, { storeId, partnerId: actor.partnerId }, sha256);
  if (earlier) return resume(tx, actor, earlier, at);
  const row = await createImport(
    tx,
    actor,
    input,
    { state: 'QUEUED', sha256, byteCount: BigInt(byteCount) },
    at,
  );
  await emitImport(tx, actor, 'orderImport.received', row, { byteCount }, at);
  return row;
}

async function createImport(
  tx: Tx,
  actor: Actor,
  input: OrderImportRequest,
  file: Partial<Pick<OrderImport, 'state' | 'sha256' | 'byteCount' | 'uploadTokenHash' | 'uploadExpiresAt'>>,
  at: Date,
): Promise<OrderImport> {
  if (actor.id === null) throw new DomainError([problem('NOT_PERMITTED')]);
  const { storeId, categoryId, locationId } = input;
  refuseIf(await placeProblems(tx, actor, input));
  return tx.orderImport.create({
    data: {
      id: newId(),
      storeId,
      partnerId: actor.partnerId,
      actorKind: actor.kind,
      actorId: actor.id,
      fileName: input.fileName ?? null,
      categoryId: categoryId ?? null,
      locationId: locationId ?? (await firstLocation(tx, actor.locations, storeId)),
      locale: input.locale ?? 'en',
      ...file,
      createdAt: at,
    },
  });
}

/** True while a token opens an upload: known, not used and not expired. */
export const isImportOpen = async (token: string, at: Date): Promise<boolean> =>
  (await db.orderImport.count({ where: openUpload(token, at) })) > 0;

const openUpload = (token: string, at: Date) => ({
  uploadTokenHash: hashToken(token),
  state: 'AWAITING_UPLOAD' as const,
  uploadExpiresAt: { gt: at },
});

/** One file is received, or forgotten, at a time. */
export const lockImports = (tx: Tx): Promise<void> => lockName(tx, 'order-import');

/**
 * Record the file of an import and use its token up: of two uploads with one token one gets null. The import is queued;
 * where another of the same partner took the same content before, it is a duplicate of that one, which goes on if it had
 * failed half-way. It has failed when whoever asked for it may not import any more.
 */
export async function receiveImport(
  tx: Tx,
  request: Partial<Actor>,
  token: string,
  { sha256, byteCount }: ImportFile,
  at: Date,
): Promise<{ id: string; state: OrderImport['state'] } | null> {
  await lockImports(tx);
  const waiting = await tx.orderImport.findFirst({ where: openUpload(token, at) });
  if (!waiting) return null;
  const actor = importer(waiting, request);
  const file = { sha256, byteCount: BigInt(byteCount), uploadTokenHash: null, uploadExpiresAt: null };
  if (!(await stillImports(tx, waiting, at))) return endFailed(tx, actor, waiting, file, rightsLost, at);
  const earlier = await findEarlier(tx, waiting, sha256);
  if (earlier) {
    const end = { state: 'DUPLICATE', originalId: earlier.id, finishedAt: at } as const;
    const row = await change(tx, waiting.id, { ...file, ...end });
    const payload = { originalNodeId: toGlobalId('OrderImport', earlier.id) };
    await emitImport(tx, actor, 'orderImport.duplicated', row, payload, at, [stateChange(waiting, row)]);
    const { state, id } = await resume(tx, actor, earlier, at);
    if (state === 'QUEUED') await enqueue(tx, 'orders.import', { orderImportId: id }, { key: id });
    return row;
  }
  const row = await change(tx, waiting.id, { ...file, state: 'QUEUED' });
  await emitImport(tx, actor, 'orderImport.received', row, { byteCount }, at, [stateChange(waiting, row)]);
  await enqueue(tx, 'orders.import', { orderImportId: row.id }, { key: row.id });
  return row;
}

/** The import of a partner, or of the department, that took, takes or began to take the same content into the store. */
const findEarlier = (
  tx: Tx,
  { storeId, partnerId }: Pick<OrderImport, 'storeId' | 'partnerId'>,
  sha256: string,
): Promise<OrderImport | null> =>
  tx.orderImport.findFirst({
    where: {
      storeId,
      partnerId,
      sha256,
      OR: [{ state: { in: ['QUEUED', 'RUNNING', 'COMPLETED'] } }, { state: 'FAILED', linesRead: { gt: 0 } }],
    },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
  });

/** An import that had failed half-way waits to go on, in the name of who asks for it now; any other stays as it is. */
async function resume(tx: Tx, actor: Actor, before: OrderImport, at: Date): Promise<OrderImport> {
  if (before.state !== 'FAILED') return before;
  const by = actor.id === null ? {} : { actorKind: actor.kind, actorId: actor.id };
  const again = { state: 'QUEUED', failure: null, failureDetail: null, finishedAt: null } as const;
  const after = await change(tx, before.id, { ...again, ...by });
  const payload = { byteCount: Number(after.byteCount) };
  await emitImport(tx, actor, 'orderImport.received', after, payload, at, [stateChange(before, after)]);
  return after;
}

/** Whether an import may go on: whoever asked for it may still import. If not, it fails. Asked before every run of its job. */
export async function mayGoOn(tx: Tx, orderImportId: string, at: Date): Promise<boolean> {
  const row = await tx.orderImport.findUniqueOrThrow({ where: { id: orderImportId } });
  const isAllowed = await stillImports(tx, row, at);
  if (!isAllowed) await failImport(tx, orderImportId, rightsLost, at);
  return isAllowed;
}

const rightsLost = { failure: 'RIGHTS_LOST' } as const;

/** Begin, once it is known that the file can be read and how many lines it has. False when it has begun, or is over. */
export async function startImport(
  tx: Tx,
  orderImportId: string,
  lineCount: number,
  at: Date,
): Promise<boolean> {
  const before = await lockImport(tx, orderImportId);
  if (before.state !== 'QUEUED') return before.state === 'RUNNING';
  const started = { state: 'RUNNING', lineCount, startedAt: before.startedAt ?? at } as const;
  const after = await change(tx, orderImportId, started);
  const actor = importer(before);
  await emitImport(tx, actor, 'orderImport.started', after, { lineCount }, at, [stateChange(before, after)]);
  return true;
}

/** End an import whose lines are all done with. */
export async function completeImport(tx: Tx, orderImportId: string, at: Date): Promise<void> {
  const before = await lockImport(tx, orderImportId);
  if (before.state !== 'RUNNING') return;
  const after = await change(tx, orderImportId, { state: 'COMPLETED', finishedAt: at });
  const { linesImported, linesRejected } = after;
  const payload = { linesImported, linesRejected };
  await emitImport(tx, importer(before), 'orderImport.completed', after, payload, at, [
    stateChange(before, after),
  ]);
}

/** End an import that cannot go on. What it took over stays. */
export async function failImport(tx: Tx, orderImportId: string, why: Failed, at: Date): Promise<void> {
  const before = await lockImport(tx, orderImportId);
  if (before.state !== 'QUEUED' && before.state !== 'RUNNING') return;
  await endFailed(tx, importer(before), before, {}, why, at);
}

interface Failed {
  failure: ImportFailure;
  detail?: string | null;
}

async function endFailed(
  tx: Tx,
  actor: Actor,
  before: OrderImport,
  file: Partial<OrderImport>,
  { failure, detail = null }: Failed,
  at: Date,
): Promise<OrderImport> {
  const end = { state: 'FAILED', failure, failureDetail: detail, finishedAt: at } as const;
  const after = await change(tx, before.id, { ...file, ...end });
  const payload = { failure, detail };
  await emitImport(tx, actor, 'orderImport.failed', after, payload, at, [stateChange(before, after)]);
  return after;
}

async function lockImport(tx: Tx, id: string): Promise<OrderImport> {
  await tx.$queryRaw`SELECT 1 FROM order_import WHERE id = ${id}::uuid FOR UPDATE`;
  return tx.orderImport.findUniqueOrThrow({ where: { id } });
}

const change = (tx: Tx, id: string, data: Partial<Omit<OrderImport, 'outcomes'>>): Promise<OrderImport> =>
  tx.orderImport.update({ where: { id }, data: { ...data, version: { increment: 1 } } });

const stateChange = (before: OrderImport, after: OrderImport): FieldChange => ({
  field: 'state',
  before: before.state,
  after: after.state,
});

type ImportEvent = Extract<keyof EventMap, `orderImport.${string}`>;

const emitImport = <Type extends ImportEvent>(
  tx: Tx,
  actor: Actor,
  type: Type,
  row: OrderImport,
  payload: EventMap[Type],
  at: Date,
  changes: readonly FieldChange[] = [],
): Promise<void> =>
  emit(tx, actor, {
    type,
    payload,
    entityId: row.id,
    version: row.version,
    changes,
    facets: { state: row.state, partnerId: row.partnerId },
    storeId: row.storeId,
    occurredAt: at,
  });
