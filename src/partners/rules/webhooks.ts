// What is true of webhooks: which events they want, when is tried again, when it is given up. Pure: no database, no clock.

import type { EgressFailure } from '../../core/egress.ts';
import { isHistory } from '../../core/events.ts';
import type { WebhookAttemptFailure } from '../../generated/prisma/enums.ts';

/** Live webhooks of one key. */
export const WEBHOOKS_MAX = 10;
/** Deliveries that wait for a webhook; with more it is disabled. */
export const WAITING_MAX = 100_000;
/** Events that one replay sends again. */
export const REPLAY_MAX = 5_000;
/** Days for which deliveries are kept, and that a range of events to send again reaches back. */
export const KEPT_DAYS = 30;
/** Objects that a document may ask for. */
export const DOCUMENT_OBJECTS_MAX = 1_000;
/** Bytes of a message. */
export const MESSAGE_BYTES_MAX = 256 * 1024;
/** Bytes of an answer that are read, and characters of it that are kept. */
export const ANSWER_BYTES_MAX = 4_096;
const ANSWER_KEPT = 500;

/** Type of the message of a test. It is no event of the object that it is about. */
export const TEST_TYPE = 'webhook.tested';

/** Events that no webhook gets: what happened long ago, on which nobody is to act now; and that it was tested. */
const isNeverSent = (type: string): boolean => type === TEST_TYPE || isHistory(type);

/** The names of events that patterns stand for: a name itself, or `order.*` for all that begin like this. */
export const typesOf = (patterns: readonly string[], every: readonly string[]): string[] =>
  every.filter((type) => !isNeverSent(type) && patterns.some((pattern) => matches(pattern, type)));

export const wantsType = (patterns: readonly string[], type: string): boolean =>
  typesOf(patterns, [type]).length > 0;

const matches = (pattern: string, type: string): boolean =>
  pattern.endsWith('.*') ? type.startsWith(pattern.slice(0, -1)) : pattern === type;

/** Whether a webhook that is for some stores only wants an event: what is of no store is for none of them. */
export const wantsStore = (storeIds: readonly string[], storeId: string | null): boolean =>
  storeIds.length === 0 || (storeId !== null && storeIds.includes(storeId));

const MINUTE = 60;
const HOUR = 60 * MINUTE;

/** Seconds before each next try: 16 tries in 25 to 30 hours. */
const waits = [
  5,
  30,
  MINUTE,
  5 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  ...Array.from({ length: 7 }, () => 3 * HOUR),
];

/** Up to a fifth more, so that what failed together does not come back together. */
const jittered = (seconds: number, random: number): number => seconds * (1 + random / 5);

/** Seconds until a delivery is tried again that failed so many times; null when it is given up. `random`: 0 to 1. */
export function retrySeconds(tries: number, random: number): number | null {
  const wait = waits[tries - 1];
  return wait === undefined ? null : jittered(wait, random);
}

const PAUSE_AFTER = 5;
const PAUSE_SECONDS_MAX = 5 * MINUTE;

/** True for a webhook of which so much failed that it is only probed: one message at a time. */
export const isProbed = ({ failures }: { failures: number }): boolean => failures >= PAUSE_AFTER;

/** Seconds for which a webhook rests that failed so many times in a row: a dead receiver costs little. */
export const pauseSeconds = (failures: number, random: number): number =>
  isProbed({ failures })
    ? jittered(Math.min(PAUSE_SECONDS_MAX, 5 * 2 ** (failures - PAUSE_AFTER)), random)
    : 0;

const FAILURES_MIN = 15;
const FAILING_HOURS_MIN = 24;

/** True when a webhook has failed so often and for so long that nobody seems to be there. */
export const isHopeless = (
  { failures, failingSince }: { failures: number; failingSince: Date | null },
  at: Date,
): boolean =>
  failures >= FAILURES_MIN &&
  failingSince !== null &&
  at.getTime() - failingSince.getTime() >= FAILING_HOURS_MIN * HOUR * 1000;

/** True for an answer that says that the message has come. */
export const isAccepted = (status: number | null): boolean =>
  status !== null && status >= 200 && status < 300;

/** Status with which a receiver says that it will never be there again. */
export const GONE = 410;

/** How one try ended, as the log of a delivery has it. */
export interface Attempt {
  status: number | null;
  failure: WebhookAttemptFailure | null;
  milliseconds: number;
  bytes: number;
  answer: string | null;
}

export const failedAttempt = (
  failure: EgressFailure | 'NO_PAYLOAD',
  milliseconds: number,
  bytes: number,
): Attempt => ({ status: null, failure, milliseconds, bytes, answer: null });

/** What tokens, keys, secrets and signatures look like, ours and those of others. */
const secrets =
  /\b(?:whsec|ds_(?:key|session|guest|link)|sk|pk|ghp|xox[abp])_[\w+/=-]{8,}|\bv1a?,[\w+/=]{20,}|\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*|\b(?:bearer|basic)\s+[\w.~+/=-]{8,}/gi;

/** What stands behind a name that promises a secret. */
const named =
  /((?:token|secret|password|passwd|api[-_]?key|authorization|signature)["']?\s*[:=]\s*["']?)[^\s"',;&}]+/gi;

/** The beginning of an answer, for people to see: without secrets, without what PostgreSQL or a terminal cannot show. */
export function answerKept(text: string): string | null {
  const clean = text
    .replace(secrets, '***')
    .replace(named, '$1***')
    .replace(/(?![\n\t])[\p{Cc}\p{Cs}\uFFFD]/gu, '');
  return clean.trim() === '' ? null : [...clean].slice(0, ANSWER_KEPT).join('');
}
