// Loaded into a measured process before anything else: tells over IPC what the process used, and profiles it.

import { Session } from 'node:inspector/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Microseconds of CPU, longest block of the event loop since the last question, resident memory. */
export interface Usage {
  cpuMicros: number;
  blockMs: number;
  memoryMb: number;
}

type Question = 'usage' | 'watch' | 'profile' | 'profiled';

const session = new Session();
let delay: ReturnType<typeof monitorEventLoopDelay> | undefined;
const WATCH_MS = 1;

async function answer(question: Question): Promise<unknown> {
  if (question === 'profile') {
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: 500 });
    return session.post('Profiler.start');
  }
  if (question === 'profiled') {
    const { profile } = await session.post('Profiler.stop');
    session.disconnect();
    return profile;
  }
  if (question === 'watch') {
    delay ??= monitorEventLoopDelay({ resolution: WATCH_MS });
    delay.enable();
    return delay.reset();
  }
  const { user, system } = process.cpuUsage();
  return {
    cpuMicros: user + system,
    blockMs: delay ? Math.max(0, delay.max / 1e6 - WATCH_MS) : 0,
    memoryMb: process.memoryUsage.rss() / 1e6,
  } satisfies Usage;
}

process.on('message', ({ id, question }: { id: number; question?: Question }) => {
  if (question) void answer(question).then((result) => process.send?.({ id, result }));
});
// Whoever measures is gone, so nobody will stop this process.
process.on('disconnect', () => process.exit());
// Somebody who only listens must not keep the process.
process.channel?.unref();
