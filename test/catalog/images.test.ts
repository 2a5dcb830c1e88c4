// Uploading images to one-time URLs, and serving them.

import { readdir } from 'node:fs/promises';
import { request as openRequest } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import { clock } from '../setup/clock.ts';
import { brief, goodsIn, sku } from './goods.ts';

const app = await startApp();
const goods = goodsIn(app);

const bytes = (...parts: (string | number[])[]): Buffer =>
  Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))),
  );
const u32 = (value: number): number[] => [
  value >>> 24,
  (value >>> 16) & 255,
  (value >>> 8) & 255,
  value & 255,
];
const png = (width: number, height: number, more = '') =>
  bytes('\x89PNG\r\n\x1a\n', u32(13), 'IHDR', u32(width), u32(height), [8, 6, 0, 0, 0], u32(0), more);
const gif = (width: number, height: number) =>
  bytes('GIF89a', [width & 255, width >> 8, height & 255, height >> 8]);
const webp = (width: number, height: number) =>
  bytes(
    'RIFF',
    u32(0),
    'WEBPVP8X',
    u32(10),
    [0, 0, 0, 0],
    [(width - 1) & 255, (width - 1) >> 8, 0],
    [(height - 1) & 255, (height - 1) >> 8, 0],
  );
const jpeg = (width: number, height: number) =>
  bytes(
    [0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0],
    [0xff, 0xc0, 0, 17, 8, height >> 8, height & 255, width >> 8, width & 255, 3, ...Array(9).fill(0)],
    [0xff, 0xd9],
  );

async function requested(): Promise<{ url: string; id: string }> {
  const { uploadUrl, image } = await app.admin.act<{ uploadUrl: string; image: { id: string } }>(
    'imageRequest',
    {},
    'uploadUrl image { id state url }',
  );
  return { url: `${app.origin}${uploadUrl}`, id: image.id };
}

const put = (url: string, body: Buffer | ReadableStream, headers: Record<string, string> = {}) =>
  fetch(url, { method: 'PUT', body, headers, duplex: 'half' } as RequestInit);

const imageOf = async (id: string) =>
  (
    await app.admin.ok<{ node: Record<string, unknown> }>(
      'query ($id: ID!) { node(id: $id) { ... on Image { state url contentType width height byteCount version } } }',
      { id },
    )
  ).node;

const stored = async (): Promise<string[]> =>
  (await readdir(join(app.env.DATA_DIR ?? '', 'media'), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);

test('an image is uploaded once, measured, and served as what its bytes are', async () => {
  const formats = [
    ['image/png', png(640, 480)],
    ['image/gif', gif(300, 2)],
    ['image/webp', webp(1024, 768)],
    ['image/jpeg', jpeg(800, 600)],
  ] as const;
  const sizes = [
    [640, 480],
    [300, 2],
    [1024, 768],
    [800, 600],
  ];
  for (const [i, [contentType, body]] of formats.entries()) {
    const { url, id } = await requested();
    expect(await imageOf(id)).toMatchObject({ state: 'AWAITING_UPLOAD', url: null, version: 1 });
    const answer = await put(url, body, { 'content-type': 'text/html' });
    expect(answer.status).toBe(201);
    const image = await imageOf(id);
    const [width, height] = sizes[i] ?? [];
    expect(image).toMatchObject({
      state: 'READY',
      contentType,
      width,
      height,
      byteCount: body.length,
      version: 2,
    });
    expect(await answer.json()).toMatchObject({ id, url: image.url, contentType, width, height });
    const served = await fetch(`${app.origin}${image.url}`);
    expect(served.status).toBe(200);
    expect(Buffer.from(await served.arrayBuffer())).toEqual(body);
    expect(Object.fromEntries(served.headers)).toMatchObject({
      'content-type': contentType,
      'content-length': String(body.length),
      'x-content-type-options': 'nosniff',
      'cache-control': expect.stringContaining('immutable'),
      'content-security-policy': expect.stringContaining('sandbox'),
    });
    const etag = served.headers.get('etag') ?? '';
    const again = await fetch(`${app.origin}${image.url}`, {
      headers: { 'if-none-match': `"x", W/${etag}` },
    });
    expect(again.status).toBe(304);
    const head = await fetch(`${app.origin}${image.url}`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([
      200,
      String(body.length),
      '',
    ]);
  }
});

test('a URL takes one upload only, even of two that run at once', async () => {
  const { url, id } = await requested();
  const answers = await Promise.all([
    put(url, png(10, 10, 'a')),
    put(url, png(20, 20, 'b')),
    put(url, png(30, 30, 'c')),
  ]);
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 404, 404]);
  const winner = (await answers.find(({ status }) => status === 201)?.json()) as { width: number };
  expect(await imageOf(id)).toMatchObject({ width: winner.width, version: 2 });
  expect((await put(url, png(10, 10))).status).toBe(404);
});

test('an upload URL is gone after 15 minutes', async () => {
  const { url, id } = await requested();
  clock.pass({ minutes: 15, seconds: 1 });
  expect((await put(url, png(10, 10))).status).toBe(404);
  clock.reset();
  expect(await imageOf(id)).toMatchObject({ state: 'AWAITING_UPLOAD' });
  expect((await put(`${app.origin}/media/upload/ds_upload_guess`, png(1, 1))).status).toBe(404);
});

test('what is no image, or claims to be one, is refused and leaves nothing; the URL stays good', async () => {
  const { url, id } = await requested();
  const before = await stored();
  const refused = [
    Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"><script>alert(1)</script></svg>',
    ),
    Buffer.from('<!doctype html><img src=x onerror=alert(1)>'),
    Buffer.from('%PDF-1.7'),
    Buffer.from('BM'.padEnd(60, '\u0001')),
    Buffer.from('\x89PNG\r\n\x1a\nnothing', 'latin1'),
    Buffer.from([0xff, 0xd8, 0xff, 0xe0]),
    gif(0, 10),
    Buffer.alloc(0),
  ];
  for (const body of refused) {
    const answer = await put(url, body, { 'content-type': 'image/png' });
    expect([answer.status, body.subarray(0, 20).toString()]).toEqual([415, body.subarray(0, 20).toString()]);
  }
  expect((await put(url, png(12_001, 10))).status).toBe(422);
  await expect.poll(stored).toEqual(before);
  expect((await put(url, png(12_000, 12_000))).status).toBe(201);
  expect(await imageOf(id)).toMatchObject({ width: 12_000, height: 12_000 });
});

test('more than 10 MiB is refused, announced or not, and leaves nothing', async () => {
  const { url } = await requested();
  const before = await stored();
  const large = Buffer.concat([png(10, 10), Buffer.alloc(10 * 1024 * 1024)]);
  expect((await put(url, large)).status).toBe(413);
  const unannounced = new ReadableStream({
    start(controller) {
      for (let at = 0; at < large.length; at += 65_536) controller.enqueue(large.subarray(at, at + 65_536));
      controller.close();
    },
  });
  expect((await put(url, unannounced)).status).toBe(413);
  await expect.poll(stored).toEqual(before);
  const declared = await app.admin.refusal('imageRequest', { byteCount: large.length });
  expect(brief(declared)).toEqual(['OUT_OF_RANGE input.byteCount']);
  expect((await put(url, large.subarray(0, 10 * 1024 * 1024))).status).toBe(201);
});

test('an upload that is cut off leaves nothing, and the URL stays good', async () => {
  const { url, id } = await requested();
  const before = await stored();
  await new Promise<void>((done) => {
    const upload = openRequest(url, { method: 'PUT', headers: { 'content-length': '1000' } });
    upload.on('error', () => done());
    upload.write(png(10, 10));
    setTimeout(() => upload.destroy(new Error('cut')), 50);
  });
  await expect.poll(stored).toEqual(before);
  expect(await imageOf(id)).toMatchObject({ state: 'AWAITING_UPLOAD' });
  expect((await put(url, png(10, 10))).status).toBe(201);
});

test('an upload URL is told once: neither events nor the database have it', async () => {
  const { url } = await requested();
  const token = url.split('/').at(-1) ?? '';
  await expect
    .poll(async () => (await app.sql(`SELECT 1 FROM event WHERE type = 'image.requested'`)).length)
    .toBeGreaterThan(0);
  const rows = await app.sql<{ all: string }>(
    `SELECT coalesce(string_agg(e::text, ''), '') || (SELECT string_agg(i::text, '') FROM image i) AS all FROM event e`,
  );
  expect(rows[0]?.all).not.toContain(token);
  const [event] = await app.sql(`SELECT changes FROM event WHERE type = 'image.requested' LIMIT 1`);
  expect(event).toEqual({ changes: [{ field: 'uploadToken', withheld: true }] });
});

test('an image is served only once it was uploaded, and by GET and HEAD only', async () => {
  const { id } = await requested();
  expect((await fetch(`${app.origin}/media/${id}`)).status).toBe(404);
  expect((await fetch(`${app.origin}/media/nonsense`)).status).toBe(404);
  expect((await fetch(`${app.origin}/media/../secret-key`)).status).toBe(404);
  const { url, id: other } = await requested();
  await put(url, png(1, 1));
  const refused = await fetch(`${app.origin}/media/${other}`, { method: 'DELETE' });
  expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  expect((await fetch(url)).status).toBe(405);
});

test('images of a product keep their order, and shoppers see those of what is published', async () => {
  const images = [await requested(), await requested()];
  for (const [i, { url }] of images.entries()) await put(url, png(100 + i, 100));
  const imageIds = images.map(({ id }) => id).reverse();
  const seen = async () =>
    (await app.anonymous.run('query ($id: ID!) { node(id: $id) { id } }', { id: imageIds[0] })).data;
  expect(await seen()).toEqual({ node: null });
  const { productId } = await goods.published({ imageIds, variants: [{ sku: sku() }] });
  expect(await seen()).toEqual({ node: { id: imageIds[0] } });
  const { node } = await app.anonymous.ok<{ node: object }>(
    'query ($id: ID!) { node(id: $id) { ... on Product { publishedVersion { images { id width url } } } } }',
    { id: productId },
  );
  expect(node).toEqual({
    publishedVersion: {
      images: imageIds.map((id, i) => ({ id, width: 101 - i, url: `/media/${id}` })),
    },
  });
});
