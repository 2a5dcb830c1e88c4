// Posting over HTTP to a server that may be away for a while: it is asked again until it answers.

import { setTimeout as sleep } from 'node:timers/promises';

/** The server answered, and what it answered is of no use; or it did not answer at all. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly codes: readonly string[];

  constructor(message: string, codes: readonly string[] = []) {
    super(message);
    this.codes = codes;
  }
}

export interface HttpAnswer {
  status: number;
  text: string;
}

const PATIENCE_MS = 60_000;

/**
 * POST JSON until it is answered, up to a minute. Repeating is safe here: whatever changes things has a key or an id,
 * or a state that is checked.
 */
export async function postPatiently(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  signal?: AbortSignal,
): Promise<HttpAnswer> {
  const deadline = Date.now() + PATIENCE_MS;
  for (let pause = 200; ; pause = Math.min(2_000, pause * 2)) {
    signal?.throwIfAborted();
    const answer = await attempt(url, headers, body);
    if (!('away' in answer)) return answer;
    if (Date.now() > deadline) throw new ApiError(`${url} cannot be reached: ${answer.away}`);
    await sleep(pause, undefined, signal ? { signal } : {});
  }
}

async function attempt(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<HttpAnswer | { away: string }> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
    const { status } = response;
    const text = await response.text();
    return status === 429 || status === 503 ? { away: `status ${status}` } : { status, text };
  } catch (error) {
    return { away: reasonOf(error) };
  }
}

/** What a failed fetch says, which hides it in its cause. */
function reasonOf(error: unknown): string {
  const { cause, message } = error as Error & { cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? message;
}
