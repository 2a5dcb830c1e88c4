// What is made once for each context, and then the same for whatever asks in it.

import type { Context } from './context.ts';

/** Make a value of a context when it is first asked for. It goes when the context goes. */
export function perContext<T extends object>(make: (context: Context) => T): (context: Context) => T {
  const made = new WeakMap<Context, T>();
  return (context) => {
    let value = made.get(context);
    if (!value) {
      value = make(context);
      made.set(context, value);
    }
    return value;
  };
}
