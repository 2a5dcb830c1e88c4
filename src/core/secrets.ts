// Tokens and passwords: made, hashed and compared. Nothing here is ever logged.

import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import pLimit from 'p-limit';

let pepper = '';
let sealingKey = Buffer.alloc(0);
let linkKey = Buffer.alloc(0);

/** Set the key that tokens are hashed, secrets sealed and links signed with. A database alone is then useless to a thief. */
export function setSecretKey(key: string): void {
  pepper = key;
  sealingKey = Buffer.from(hkdfSync('sha256', key, '', 'dayshift sealed secrets', 32));
  linkKey = Buffer.from(hkdfSync('sha256', key, '', 'dayshift signed links', 32));
}

/** A new token of 160 random bits with a prefix that names what it opens. */
export const newToken = (prefix: string): string => `${prefix}_${randomBytes(20).toString('base64url')}`;

/** What is stored of a token: a keyed hash. */
export const hashToken = (token: string): string =>
  createHmac('sha256', pepper).update(token).digest('base64url');

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** What is stored of a secret that must be read again: AES-256-GCM, bound to the object whose secret it is. */
export function seal(secret: string, ownerId: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', sealingKey, nonce).setAAD(Buffer.from(ownerId));
  const sealed = [nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()];
  return Buffer.concat(sealed).toString('base64url');
}

/** The secret again. Throws when it was sealed for another object or under another key, or was altered. */
export function unseal(sealed: string, ownerId: string): string {
  const bytes = Buffer.from(sealed, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', sealingKey, bytes.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(ownerId)).setAuthTag(bytes.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]).toString(
    'utf8',
  );
}

/** An id of 16 bytes and a moment of 6 bytes, then their signature of 32. */
const LINK = /^ds_link_([\w-]{72})$/;
const LINK_BODY_BYTES = 22;

/** A token that opens one object until a moment. Needs no row: it says both itself, and nobody else can sign one. */
export function signLink(id: string, expiresAt: Date): string {
  const body = Buffer.alloc(LINK_BODY_BYTES);
  body.write(id.replaceAll('-', ''), 'hex');
  body.writeUIntBE(expiresAt.getTime(), 16, 6);
  return `ds_link_${Buffer.concat([body, signatureOf(body)]).toString('base64url')}`;
}

/** What a signed link opens, and until when; null when a bit of it was changed or its time is over. */
export function readLink(token: string, at: Date): { id: string; expiresAt: Date } | null {
  const bytes = Buffer.from(LINK.exec(token)?.[1] ?? '', 'base64url');
  const [body, signature] = [bytes.subarray(0, LINK_BODY_BYTES), bytes.subarray(LINK_BODY_BYTES)];
  const expected = signatureOf(body);
  if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) return null;
  const id = body.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  const expiresAt = new Date(body.readUIntBE(16, 6));
  return expiresAt > at ? { id, expiresAt } : null;
}

const signatureOf = (body: Buffer): Buffer => createHmac('sha256', linkKey).update(body).digest();

/** Whose passwords. */
export type Accounts = 'staff' | 'customers';

// Few at a time: each takes 19 MiB and a thread, and login must not starve the rest. Each has a queue of its own, so
// that no crowd of shoppers keeps the staff out.
const queues = { staff: pLimit(2), customers: pLimit(1) } as const;

/** Argon2id with 19 MiB and two passes, the OWASP minimum, as a PHC string. */
export const hashPassword = (accounts: Accounts, password: string): Promise<string> =>
  queues[accounts](() =>
    hash(password.normalize('NFKC'), { memoryCost: 19_456, timeCost: 2, parallelism: 1 }),
  );

const NOBODY = hashPassword('staff', randomBytes(16).toString('hex'));

/** True when the password matches. Without a stored hash takes as long, so that accounts cannot be told apart. */
export async function verifyPassword(
  accounts: Accounts,
  stored: string | null,
  password: string,
): Promise<boolean> {
  const against = stored ?? (await NOBODY);
  const matches = await queues[accounts](() => verify(against, password.normalize('NFKC')));
  return stored !== null && matches;
}
