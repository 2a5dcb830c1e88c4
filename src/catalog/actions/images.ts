// Requesting uploads of images and recording what was uploaded.

import { type Actor, anonymous } from '../../core/actor.ts';
import { db, type Tx } from '../../core/db.ts';
import { emit } from '../../core/events.ts';
import { newId } from '../../core/ids.ts';
import { hashToken, newToken } from '../../core/secrets.ts';
import { uploadExpiry } from '../rules.ts';
import { personOf } from './version-content.ts';

/** What was found in the bytes of an uploaded image. */
export interface ImageFacts {
  contentType: string;
  width: number;
  height: number;
  byteCount: number;
  sha256: string;
}

/** Make room for an image. The token, returned once and stored only as a hash, lets anybody upload it once. */
export async function requestImage(tx: Tx, actor: Actor, at: Date): Promise<{ id: string; token: string }> {
  const token = newToken('ds_upload');
  const imageId = newId();
  await tx.image.create({
    data: {
      id: imageId,
      uploaderId: personOf(actor),
      uploadTokenHash: hashToken(token),
      uploadExpiresAt: uploadExpiry(at),
      createdAt: at,
    },
  });
  await emit(tx, actor, {
    type: 'image.requested',
    entityId: imageId,
    version: 1,
    payload: {},
    changes: [{ field: 'uploadToken' }],
    occurredAt: at,
  });
  return { id: imageId, token };
}

/** True while a token opens an upload: known, not used and not expired. */
export const isUploadOpen = async (token: string, at: Date): Promise<boolean> =>
  (await db.image.count({ where: openUpload(token, at) })) > 0;

/**
 * Record an uploaded image as ready and use its token up, in one statement: of two uploads with one token one finds
 * nothing to record and gets null. The uploader is the one who requested the image.
 */
export async function storeImage(
  tx: Tx,
  request: Partial<Actor>,
  token: string,
  facts: ImageFacts,
  at: Date,
): Promise<{ id: string } | null> {
  const [image] = await tx.image.updateManyAndReturn({
    where: openUpload(token, at),
    data: {
      ...facts,
      state: 'READY',
      uploadTokenHash: null,
      uploadExpiresAt: null,
      version: { increment: 1 },
    },
    select: { id: true, version: true, uploaderId: true },
  });
  if (!image) return null;
  const { sha256: _, ...payload } = facts;
  await emit(
    tx,
    { ...anonymous(request), kind: 'STAFF', id: image.uploaderId },
    {
      type: 'image.stored',
      entityId: image.id,
      version: image.version,
      payload,
      changes: [{ field: 'state', before: 'AWAITING_UPLOAD', after: 'READY' }],
      occurredAt: at,
    },
  );
  return { id: image.id };
}

const openUpload = (token: string, at: Date) => ({
  uploadTokenHash: hashToken(token),
  state: 'AWAITING_UPLOAD' as const,
  uploadExpiresAt: { gt: at },
});
