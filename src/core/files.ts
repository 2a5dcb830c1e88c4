// Blobs in a folder, each under the hash of its content: written whole or not at all, and never changed.

import { createHash, randomUUID } from 'node:crypto';
import type { ReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StartupError } from './startup-error.ts';

/** Remains of receptions that were cut off by a crash are removed after this time. */
const REMAINS_MS = 3_600_000;
const SHA256 = /^[0-9a-f]{64}$/;

/** A blob that was received and is not kept yet. */
export interface ReceivedFile {
  /** Hash of the content in hexadecimal: the name of the blob. */
  sha256: string;
  byteCount: number;
  /** Its first bytes, at most `count`. */
  head(count: number): Promise<Uint8Array>;
  /** Put it in its place for good. Keeping the same content twice is keeping it once. */
  keep(): Promise<void>;
  /** Remove it unless it was kept. */
  discard(): Promise<void>;
}

let folder: string | null = null;

/** Open the folder of the blobs, made where it is missing. Processes may share it. */
export async function openFiles(directory: string): Promise<void> {
  folder = directory;
  try {
    await mkdir(incoming(), { recursive: true });
    for (const name of await readdir(incoming())) await removeRemains(join(incoming(), name));
  } catch (error) {
    throw new StartupError(
      `The folder ${directory} cannot be used: ${(error as Error).message}.`,
      'Make it writable for this user, or set DATA_DIR to a folder that is.',
    );
  }
}

/** Close the folder. What still wants to read or write fails. */
export async function closeFiles(): Promise<void> {
  folder = null;
}

/**
 * Receive a blob into a file beside its place, flushed to disk. Null when it has more than `bytesMax` bytes; what
 * arrived is then removed, as it is when the source fails.
 */
export async function receiveFile(
  source: AsyncIterable<Uint8Array>,
  bytesMax: number,
): Promise<ReceivedFile | null> {
  const path = join(incoming(), randomUUID());
  const hash = createHash('sha256');
  const file = await open(path, 'wx', 0o600);
  let byteCount = 0;
  try {
    for await (const chunk of source) {
      byteCount += chunk.byteLength;
      if (byteCount > bytesMax) break;
      hash.update(chunk);
      await file.writeFile(chunk);
    }
    await file.sync();
  } catch (error) {
    byteCount = Number.POSITIVE_INFINITY;
    throw error;
  } finally {
    await file.close();
    if (byteCount > bytesMax) await rm(path, { force: true });
  }
  if (byteCount > bytesMax) return null;
  const sha256 = hash.digest('hex');
  return {
    sha256,
    byteCount,
    head: (count) => readHead(path, count),
    keep: () => place(path, placeOf(sha256)),
    discard: () => rm(path, { force: true }),
  };
}

/** Open a blob to read it. Null when there is none of this hash. The reader closes the stream. */
export async function readFile(sha256: string): Promise<ReadStream | null> {
  if (!SHA256.test(sha256)) return null;
  const file = await openExisting(placeOf(sha256));
  return file ? file.createReadStream() : null;
}

/** Remove a blob that nobody needs any more. Where there is none, nothing happens. */
export async function removeFile(sha256: string): Promise<void> {
  if (SHA256.test(sha256)) await rm(placeOf(sha256), { force: true });
}

function opened(): string {
  if (folder === null) throw new Error('the files are not open');
  return folder;
}

const incoming = (): string => join(opened(), 'incoming');

const placeOf = (sha256: string): string => join(opened(), sha256.slice(0, 2), sha256);

async function openExisting(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function readHead(path: string, count: number): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(count), 0, count, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** A rename is atomic, but lasts through a crash only once its folder was flushed too. Windows cannot flush folders. */
async function place(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await rename(from, to);
  if (process.platform === 'win32') return;
  const parent = await open(dirname(to), 'r');
  try {
    await parent.sync();
  } finally {
    await parent.close();
  }
}

async function removeRemains(path: string): Promise<void> {
  const { mtimeMs = Date.now() } = (await stat(path).catch(() => undefined)) ?? {};
  if (Date.now() - mtimeMs > REMAINS_MS) await rm(path, { force: true });
}
