// The client's recipe of the README, run as it is printed.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, createClient } from 'graphql-ws';
import { project } from './source.ts';

const readme = readFileSync(join(project, 'README.md'), 'utf8');
const printed = /### The client's recipe[\s\S]*?```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';

export interface Recipe {
  client: Client;
  /** Ids of the orders that were shown, as they came. */
  shown: string[];
  /** Why the lists had to be read again. */
  anew: string[];
  /** Codes with which the session was over. */
  logins: number[];
}

const running: Recipe[] = [];

/** Stop what a file left running. */
export async function endRecipes(): Promise<void> {
  await Promise.allSettled(running.splice(0).map(({ client }) => client.dispose()));
}

/** Run the recipe against a port of this machine. `silenceMs`: how long its watchdog waits. */
export function runRecipe(
  port: number,
  { token, after, silenceMs }: { token: string; after: string; silenceMs: number },
): Recipe {
  const code = printed
    .replace('127.0.0.1:4000', `127.0.0.1:${port}`)
    .replace('< 60_000', `< ${silenceMs}`)
    .replace('5_000);', '100);');
  const heard = { shown: [] as string[], anew: [] as string[], logins: [] as number[] };
  const start = new Function(
    ...['createClient', 'token', 'firstCursor', 'show', 'startAnew', 'logInAgain'],
    `${code}\nreturn client;`,
  );
  const client = start(
    createClient,
    token,
    after,
    ({ id }: { id: string }) => heard.shown.push(id),
    (problem: string) => heard.anew.push(problem),
    ({ code: closed }: { code: number }) => heard.logins.push(closed),
  ) as Client;
  const one = { client, ...heard };
  running.push(one);
  return one;
}
