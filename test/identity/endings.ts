// What customers and guests have open, and how it ends.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../setup/client.ts';
import { type BareSocket, openBareSocket } from '../setup/socket.ts';

/** Two seconds are promised; tests allow three times that. */
const PROMISED_MS = 3 * 2_000;

/** What something settles to in the time that is promised, or that it did not. */
export const inTime = <Value>(ending: Promise<Value>): Promise<Value | string> =>
  Promise.race([ending, sleep(PROMISED_MS, 'still open', { ref: false })]);

/** A socket that the server has greeted, and so knows the client by. */
export async function greetedSocket(wsUrl: string, client: Client): Promise<BareSocket> {
  const socket = await openBareSocket(wsUrl);
  await socket.greet({ authorization: `Bearer ${client.token}` });
  return socket;
}
