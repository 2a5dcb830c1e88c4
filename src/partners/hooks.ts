// The HTTP door of partners' machines: what is the same for every kind of signed message stands here once.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { z } from 'zod';
import { DomainError, messageOf, type Problem } from '../core/errors.ts';
import { type Route, refuse, sendJson } from '../core/http-answer.ts';
import { problemsOf } from '../core/inputs.ts';
import { readBody } from '../core/request-body.ts';
import type { ConnectionKind } from '../generated/prisma/enums.ts';
import {
  type MessageFailure,
  messageFailures,
  type ReceivedMessage,
  receiveMessage,
} from './actions/receive-message.ts';

/** What became of a message: the status, and a `result` or why not. */
type MachineAnswer =
  | { status: number; body: { result: string } & Readonly<Record<string, unknown>> }
  | { status: number; message: string };

interface MachineDoor<Schema extends z.ZodType> {
  kind: ConnectionKind;
  /** Path before the code of the connection: `/hooks/payment`. */
  path: string;
  bodyBytesMax: number;
  schema: Schema;
  /** The clock of the business. */
  now: () => Date;
  /** Do what the message says. A DomainError is answered with its problems. */
  hear: (received: ReceivedMessage, message: z.output<Schema>, at: Date) => Promise<MachineAnswer>;
}

const failures: Readonly<Record<MessageFailure, string>> = {
  FORGED:
    'The message is not signed with the secret of a connection that reports here, or is older than five minutes.',
  MALFORMED: 'The message is no JSON.',
};

/**
 * The route of `POST <path>/<connection>`: signed messages of one kind. Answers `{ result }` or
 * `{ message, problems }`, in English: 400 lists every problem of the form, 422 what cannot be, 409 an id that had other content
 * before; 401 for a wrong signature and where there is no such connection, 405 and 413 for what is no message at all.
 */
export function machineDoor<Schema extends z.ZodType>(door: MachineDoor<Schema>): Route {
  const paths = new RegExp(`^${door.path}/([a-z0-9][a-z0-9_-]{0,39})$`);
  return async (request, response, path) => {
    const code = paths.exec(path)?.[1];
    if (!code) return false;
    if (request.method === 'POST') await answer(door, request, response, code);
    else await refuse(request, response, 405, 'Messages are sent with POST.', { Allow: 'POST' }, NONE);
    return true;
  };
}

async function answer<Schema extends z.ZodType>(
  { kind, bodyBytesMax, schema, now, hear }: MachineDoor<Schema>,
  request: IncomingMessage,
  response: ServerResponse,
  code: string,
): Promise<void> {
  const body = await readBody(request, bodyBytesMax);
  if (body === null)
    return refuse(request, response, 413, `A message has at most ${bodyBytesMax / 1024} KiB.`, {}, NONE);
  const at = now();
  const received = await receiveMessage(kind, code, request.headers, body, at);
  if (typeof received === 'string') return fail(response, messageFailures[received], failures[received]);
  const parsed = schema.safeParse(received.message);
  if (!parsed.success) return failWith(response, 400, problemsOf(parsed.error));
  try {
    const heard = await hear(received, parsed.data, at);
    if ('message' in heard) fail(response, heard.status, heard.message);
    else sendJson(response, heard.status, heard.body);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const isReused = error.problems.some((one) => one.code === 'IDEMPOTENCY_KEY_REUSED');
    failWith(response, isReused ? 409 : 422, error.problems);
  }
}

const NONE = { problems: [] };

const fail = (response: ServerResponse, status: number, message: string): void =>
  sendJson(response, status, { message, ...NONE });

function failWith(response: ServerResponse, status: number, found: readonly Problem[]): void {
  const problems = found.map((one) => ({ code: one.code, path: one.path, message: messageOf(one, 'en') }));
  sendJson(response, status, { message: problems.map(({ message }) => message).join(' '), problems });
}
