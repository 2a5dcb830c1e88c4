// Objects of an answer: their fields resolved and completed, all at once or one after the other.

import { isPromise } from '../promises.ts';
import { nameLength } from './answer-size.ts';
import type { Field } from './fields.ts';
import { Info, type Place, type Run } from './run.ts';

/**
 * An object of an answer: what its fields came to, by their names there. A field may be called `__proto__`, so it inherits
 * nothing from Object; and unlike one without a prototype it is quick to fill.
 */
class Answer {
  [key: string]: unknown;
}
Object.setPrototypeOf(Answer.prototype, null);

/** The fields of an object, resolved at once. */
export function executeFields(
  run: Run,
  fields: readonly Field[],
  source: unknown,
  inside: Place | undefined,
): unknown {
  const answer = new Answer();
  let waiting: [key: string, value: Promise<unknown>][] | undefined;
  try {
    for (const field of fields) {
      const value = executeField(run, field, source, inside);
      answer[field.key] = value;
      if (isPromise(value)) {
        waiting ??= [];
        waiting.push([field.key, value]);
      }
    }
  } catch (error) {
    return failOnceEnded(error, waiting?.map(([, value]) => value) ?? []);
  }
  return waiting ? filled(answer, waiting) : answer;
}

/** The fields of an object, each resolved when the one before was completed. */
export async function executeInTurn(run: Run, fields: readonly Field[], source: unknown): Promise<Answer> {
  const answer = new Answer();
  for (const field of fields) answer[field.key] = await executeField(run, field, source, undefined);
  return answer;
}

function executeField(run: Run, field: Field, source: unknown, inside: Place | undefined): unknown {
  if (run.over !== undefined) throw run.over;
  const info = new Info(run, field, inside);
  try {
    run.write(nameLength(field.key));
    const value = field.resolve(source, run.argumentsOf(field), run.context, info);
    const completed = isPromise(value)
      ? value.then((there) => field.complete(run, there, info, info))
      : field.complete(run, value, info, info);
    return isPromise(completed)
      ? completed.then(undefined, (error) => run.fail(error, field, info, field.isNullable))
      : completed;
  } catch (error) {
    return run.fail(error, field, info, field.isNullable);
  }
}

async function filled(answer: Answer, waiting: readonly [string, Promise<unknown>][]): Promise<Answer> {
  const values = await allOf(waiting.map(([, value]) => value));
  waiting.forEach(([key], i) => {
    answer[key] = values[i];
  });
  return answer;
}

/** All of the values. Where one fails, the others have ended before that is told, so nothing goes on after an answer. */
export async function allOf(values: readonly unknown[]): Promise<unknown[]> {
  const settled = await Promise.allSettled(values);
  return settled.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
}

/** Fail with an error, once all that was begun has ended. */
export function failOnceEnded(error: unknown, begun: readonly unknown[]): Promise<never> {
  if (!begun.some(isPromise)) throw error;
  return Promise.allSettled(begun).then(() => {
    throw error;
  });
}
