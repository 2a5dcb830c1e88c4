// The processes of a benchmark: each started with a probe, asked for what it used, stopped at the end.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Profiler } from 'node:inspector';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { project } from '../setup/source.ts';
import { ask } from './ipc.ts';
import type { Usage } from './probe.ts';

/** A server that is measured. */
export interface Server {
  name: string;
  origin: string;
  child: ChildProcess;
  usage(): Promise<Usage>;
  /** Begin to watch how long the event loop is blocked. */
  watch(): Promise<void>;
  /** Profile what happens during `work`. */
  profile(work: () => Promise<unknown>): Promise<Profiler.Profile>;
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();
const PROBE = join(import.meta.dirname, 'probe.ts');

/** Start a module in a process of its own. Its output is kept, and shown when it ends before it should. */
function start(module: string, env: Record<string, string>, args: string[] = []): ChildProcess {
  const child = fork(module, args, {
    cwd: project,
    env: { ...process.env, NODE_ENV: 'production', ...env },
    execArgv: ['--import', PROBE],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Start a server, which prints the address at which it serves, and wait for that. */
export async function startServer(
  name: string,
  module: string,
  env: Record<string, string>,
): Promise<Server> {
  const child = start(module, env);
  const address = Promise.withResolvers<string>();
  let output = '';
  if (child.stdout)
    createInterface({ input: child.stdout }).on('line', (line) => {
      output += `${line}\n`;
      const url = /serves (http\S+)/.exec(line)?.[1];
      if (url) address.resolve(new URL(url).origin);
    });
  child.once('exit', () => address.reject(new Error(`${name} ended: ${output}`)));
  const origin = await address.promise;
  return {
    name,
    origin,
    child,
    usage: () => ask<Usage>(child, { question: 'usage' }),
    watch: () => ask<void>(child, { question: 'watch' }),
    async profile(work) {
      await ask(child, { question: 'profile' });
      await work();
      return ask<Profiler.Profile>(child, { question: 'profiled' });
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

/** End what is still running. */
export function killAll(): void {
  for (const child of running) child.kill('SIGKILL');
}
