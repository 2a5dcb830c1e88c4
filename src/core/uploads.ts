// Uploads to one-time URLs: a body with a bound, received into a file, handed to whoever asked for it.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Actor } from './actor.ts';
import { addressOf } from './client-address.ts';
import { type ReceivedFile, receiveFile } from './files.ts';
import { refuse } from './http-answer.ts';
import { newId } from './ids.ts';
import { bytesOf } from './request-body.ts';

export interface Upload {
  bytesMax: number;
  /** What is said of more bytes. */
  tooLarge: string;
  /** True while the URL can be used. */
  isOpen: () => Promise<boolean>;
  /** Answers the request. What it does not keep of the file is removed afterwards. */
  store: (file: ReceivedFile) => Promise<void>;
}

const NO_UPLOAD = 'This upload URL is unknown, expired or used.';

/** Receive the body of a request. Whoever hangs up before its end can use the URL again. */
export async function receiveUpload(
  request: IncomingMessage,
  response: ServerResponse,
  { bytesMax, tooLarge, isOpen, store }: Upload,
): Promise<void> {
  if (Number(request.headers['content-length'] ?? 0) > bytesMax)
    return refuse(request, response, 413, tooLarge);
  if (!(await isOpen())) return refuseUpload(request, response);
  let file: ReceivedFile | null = null;
  try {
    file = await receiveFile(bytesOf(request), bytesMax);
    if (file) await store(file);
    else await refuse(request, response, 413, tooLarge);
  } catch (error) {
    // The uploader hung up: nothing was stored, nobody is there to be told, and the URL can be used again.
    if (request.complete || !request.destroyed) throw error;
    response.destroy();
  } finally {
    await file?.discard();
  }
}

/** Answer that a URL takes no upload, or no more. */
export const refuseUpload = (request: IncomingMessage, response: ServerResponse): Promise<void> =>
  refuse(request, response, 404, NO_UPLOAD);

/** What is known of an upload, for its events. Who it is, says whoever asked for the URL. */
export const uploadFacts = (request: IncomingMessage): Partial<Actor> => ({
  requestId: newId(),
  source: 'upload',
  address: addressOf(request),
  userAgent: request.headers['user-agent']?.slice(0, 300) ?? null,
});
