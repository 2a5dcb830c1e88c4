// The HTTP door of orders: files of past orders are uploaded here, once per requested URL.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { transact } from '../core/db.ts';
import type { ReceivedFile } from '../core/files.ts';
import { type Route, refuse, sendJson } from '../core/http-answer.ts';
import { toGlobalId } from '../core/ids.ts';
import { now } from '../core/time.ts';
import { receiveUpload, refuseUpload, uploadFacts } from '../core/uploads.ts';
import { isImportOpen, lockImports, receiveImport } from './actions/order-imports.ts';
import { forgetFile } from './jobs/import-upload.ts';
import { IMPORT_BYTES_MAX } from './rules/import-files.ts';

const RIGHTS_LOST = 'Whoever asked for this upload may not import into the store any more.';

const UPLOAD = /^\/imports\/upload\/([\w-]{1,100})$/;

/** `PUT /imports/upload/<token>` takes the file of an import, which then begins by itself. */
export const importRoute: Route = async (request, response, path) => {
  const token = UPLOAD.exec(path)?.[1];
  if (!token) return false;
  if (request.method === 'PUT')
    await receiveUpload(request, response, {
      bytesMax: IMPORT_BYTES_MAX,
      tooLarge: `A file has at most ${IMPORT_BYTES_MAX / 1024 / 1024} MiB.`,
      isOpen: () => isImportOpen(token, now()),
      store: (file) => store(request, response, token, file),
    });
  else await refuse(request, response, 405, 'A file is uploaded with PUT.', { Allow: 'PUT' });
  return true;
};

async function store(
  request: IncomingMessage,
  response: ServerResponse,
  token: string,
  file: ReceivedFile,
): Promise<void> {
  const { sha256, byteCount } = file;
  const by = uploadFacts(request);
  let kept: Promise<void> | undefined;
  const received = await transact(async (tx) => {
    await lockImports(tx);
    // Kept before it is recorded: a crash in between leaves a file nobody refers to, never an import without its file.
    kept ??= file.keep();
    await kept;
    return receiveImport(tx, by, token, { sha256, byteCount }, now());
  }).catch(async (error: unknown) => {
    await forgetFile(sha256);
    throw error;
  });
  if (received?.state !== 'QUEUED') await forgetFile(sha256);
  if (!received) return refuseUpload(request, response);
  if (received.state === 'FAILED') return refuse(request, response, 403, RIGHTS_LOST);
  const id = toGlobalId('OrderImport', received.id);
  sendJson(response, 202, { id, state: received.state, byteCount });
}
