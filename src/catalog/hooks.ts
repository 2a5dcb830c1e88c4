// The catalog's HTTP door: images are uploaded here, once per requested URL, and served from here.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { db, transact } from '../core/db.ts';
import { type ReceivedFile, readFile } from '../core/files.ts';
import { type Route, refuse, sendJson } from '../core/http-answer.ts';
import { fromGlobalId, toGlobalId } from '../core/ids.ts';
import { log } from '../core/log.ts';
import { now } from '../core/time.ts';
import { receiveUpload, refuseUpload, uploadFacts } from '../core/uploads.ts';
import { isUploadOpen, storeImage } from './actions/images.ts';
import { HEAD_BYTES, imageFactsOf } from './image-facts.ts';
import { IMAGE_BYTES_MAX, IMAGE_PIXELS_MAX, imagePath } from './rules.ts';

const UPLOAD = /^\/media\/upload\/([\w-]{1,100})$/;
const IMAGE = /^\/media\/([\w-]{1,200})$/;

/** `PUT /media/upload/<token>` stores an image once; `GET` and `HEAD /media/<imageId>` serve it. */
export const mediaRoute: Route = async (request, response, path) => {
  const token = UPLOAD.exec(path)?.[1];
  if (token) {
    if (request.method === 'PUT') await upload(request, response, token);
    else await refuse(request, response, 405, 'An image is uploaded with PUT.', { Allow: 'PUT' });
    return true;
  }
  const imageId = IMAGE.exec(path)?.[1];
  if (!imageId) return false;
  if (request.method === 'GET' || request.method === 'HEAD') await serve(request, response, imageId);
  else await refuse(request, response, 405, 'An image is read with GET.', { Allow: 'GET, HEAD' });
  return true;
};

const upload = (request: IncomingMessage, response: ServerResponse, token: string): Promise<void> =>
  receiveUpload(request, response, {
    bytesMax: IMAGE_BYTES_MAX,
    tooLarge: `An image has at most ${IMAGE_BYTES_MAX / 1024 / 1024} MiB.`,
    isOpen: () => isUploadOpen(token, now()),
    store: (file) => store(request, response, token, file),
  });

async function store(
  request: IncomingMessage,
  response: ServerResponse,
  token: string,
  file: ReceivedFile,
): Promise<void> {
  const found = imageFactsOf(await file.head(HEAD_BYTES));
  if (!found) return refuse(request, response, 415, 'An image is a PNG, JPEG, WebP or GIF file.');
  if (found.width > IMAGE_PIXELS_MAX || found.height > IMAGE_PIXELS_MAX) {
    return refuse(
      request,
      response,
      422,
      `An image has at most ${IMAGE_PIXELS_MAX} pixels in width and height.`,
    );
  }
  const facts = { ...found, byteCount: file.byteCount, sha256: file.sha256 };
  // Kept before it is recorded: a crash in between leaves a file nobody refers to, never a record without a file.
  await file.keep();
  const by = uploadFacts(request);
  const image = await transact((tx) => storeImage(tx, by, token, facts, now()));
  if (!image) return refuseUpload(request, response);
  const id = toGlobalId('Image', image.id);
  sendJson(response, 201, { id, url: imagePath(image.id), ...found, byteCount: file.byteCount });
}

async function serve(request: IncomingMessage, response: ServerResponse, globalId: string): Promise<void> {
  const decoded = fromGlobalId(globalId);
  const image =
    decoded?.type === 'Image'
      ? await db.image.findFirst({
          where: { id: decoded.id, state: 'READY' },
          select: { contentType: true, byteCount: true, sha256: true },
        })
      : null;
  if (!image) return refuse(request, response, 404, 'There is no such image.');
  const etag = `"${image.sha256}"`;
  const headers = {
    ETag: etag,
    'Cache-Control': 'public, max-age=31536000, immutable',
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': "default-src 'none'; sandbox",
    'Cross-Origin-Resource-Policy': 'cross-origin',
  };
  if (isCached(request.headers['if-none-match'], etag)) {
    response.writeHead(304, headers).end();
    return;
  }
  const whole = {
    ...headers,
    'Content-Type': image.contentType ?? '',
    'Content-Length': image.byteCount ?? 0,
  };
  if (request.method === 'HEAD') {
    response.writeHead(200, whole).end();
    return;
  }
  const content = await readFile(image.sha256 ?? '');
  if (!content) {
    log.error({ imageId: decoded?.id, sha256: image.sha256 }, 'the file of an image is missing');
    return refuse(request, response, 404, 'There is no such image.');
  }
  response.writeHead(200, whole);
  await pipeline(content, response).catch(() => response.destroy());
}

const isCached = (ifNoneMatch: string | undefined, etag: string): boolean =>
  (ifNoneMatch ?? '').split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag);
