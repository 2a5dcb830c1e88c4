// What the SQL of one operation takes: counted for whoever asked, wherever in the code it is sent.

import { AsyncLocalStorage } from 'node:async_hooks';

/** Statements, and the time until they were answered. Those sent at once count each for itself. */
export interface SqlTime {
  statements: number;
  milliseconds: number;
}

const current = new AsyncLocalStorage<SqlTime>();

/** Do something and count its SQL. */
export function withSqlTime<Result>(work: (time: SqlTime) => Result): Result {
  const time = { statements: 0, milliseconds: 0 };
  return current.run(time, () => work(time));
}

/** Count a statement that was answered. */
export function countStatement(milliseconds: number): void {
  const time = current.getStore();
  if (!time) return;
  time.statements++;
  time.milliseconds += milliseconds;
}
