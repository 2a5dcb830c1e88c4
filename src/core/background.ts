// What an instance does beside serving: reactions to events, timers, jobs and chores. Any number of instances share it.

import { type Chore, runChores } from './chores.ts';
import { type JobDefinition, startJobs, stopJobs } from './jobs.ts';
import { openReactions, type ReactionDefinition, runReaction } from './reactions.ts';

export interface Background {
  reactions: readonly ReactionDefinition[];
  /** Fires what is due until the signal fires. */
  timers: (signal: AbortSignal) => Promise<void>;
  jobs: readonly JobDefinition[];
  chores: readonly Chore[];
}

/**
 * Open the queues, and where `work` says so do what waits: react, fire timers, run jobs, forget what is old. Returns the
 * function that finishes what runs and stops.
 */
export async function startBackground(
  { reactions, timers, jobs, chores }: Background,
  options: { url: string; migrate: boolean; work: boolean },
): Promise<() => Promise<void>> {
  const stopping = new AbortController();
  const running: Promise<void>[] = [];
  const stop = async () => {
    stopping.abort();
    await Promise.all([...running, stopJobs()]);
  };
  await openReactions(reactions);
  await startJobs(jobs, options);
  if (options.work) {
    running.push(...reactions.map((reaction) => runReaction(reaction, stopping.signal)));
    running.push(timers(stopping.signal), runChores(chores, stopping.signal));
  }
  return stop;
}
