// Questions to other processes over IPC, each with its answer.

import type { ChildProcess } from 'node:child_process';

let asked = 0;

/** Send a message and wait for its answer. Throws what the other process tells as a failure, or that it ended. */
export async function ask<Answer>(child: ChildProcess, message: object): Promise<Answer> {
  const id = ++asked;
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const listener = (answer: { id: number; result: Answer; failure?: string }) => {
    if (answer.id !== id) return;
    if (answer.failure === undefined) resolve(answer.result);
    else reject(new Error(answer.failure));
  };
  const ended = () => reject(new Error('a process ended'));
  child.on('message', listener as never);
  child.once('exit', ended);
  child.send({ id, ...message });
  try {
    return await promise;
  } finally {
    child.off('message', listener as never);
    child.off('exit', ended);
  }
}
