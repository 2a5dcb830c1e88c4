// Further instances of Dayshift on the database of a test, each a process of its own that can be stopped and killed.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Client, clientAt } from './client.ts';
import { project } from './source.ts';

export interface Instance {
  child: ChildProcess;
  /** Root of the server: `http://127.0.0.1:40001`. */
  origin: string;
  /** The administrator. */
  client: Client;
  clientFor(token: string | null): Client;
  /** What it has printed. */
  output(): string;
  /** Its exit code once it is gone; null when a signal ended it. */
  gone: Promise<number | null>;
  /** End it by a signal and wait until it is gone. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

const running = new Set<ChildProcess>();

/** What is known of an instance that another one is to resemble. */
export interface Example {
  env: Record<string, string>;
  admin: Pick<Client, 'token'>;
}

/** Start another instance with the variables of the first and some of its own, and wait until it serves. */
export async function startInstance(app: Example, env: Record<string, string> = {}): Promise<Instance> {
  const child = spawn(process.execPath, [join(project, 'src/main.ts')], {
    env: { ...process.env, ...app.env, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const gone = once(child, 'exit').then(([code]) => code as number | null);
  running.add(child);
  let output = '';
  const address = Promise.withResolvers<string>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    output += `${line}\n`;
    const match = /serves (http\S+)/.exec(line);
    if (match?.[1]) address.resolve(new URL(match[1]).origin);
  });
  child.stderr.on('data', (chunk) => {
    output += String(chunk);
  });
  void gone.then(() => {
    running.delete(child);
    address.reject(new Error(`the instance ended: ${output}`));
  });
  const origin = await address.promise;
  const door = { url: `${origin}/graphql`, wsUrl: `${origin.replace('http', 'ws')}/graphql` };
  const clientFor = (token: string | null) => clientAt({ ...door, token });
  return {
    child,
    origin,
    client: clientFor(app.admin.token),
    clientFor,
    output: () => output,
    gone,
    end(signal) {
      child.kill(signal);
      return gone;
    },
  };
}

/** Kill what a test left running. */
export function endInstances(): void {
  for (const child of running) child.kill('SIGKILL');
}
