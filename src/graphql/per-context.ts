// What is made once for each context, or for the arguments of a field, and then the same for whoever asks.

import type { Context } from './context.ts';

/** Make a value of a context when it is first asked for. It goes when the context goes. */
export const perContext = <T extends object>(make: (context: Context) => T) => oncePer(make);

/**
 * Make a value of the arguments of a field once for all objects of a request: the executor gives all of them the same
 * arguments. A field without arguments gives the same ones to every request, so nothing but them may go into the value.
 */
export const perArguments = <Args extends object, T extends object>(make: (args: Args) => T) => oncePer(make);

function oncePer<Key extends object, T extends object>(make: (key: Key) => T): (key: Key) => T {
  const made = new WeakMap<Key, T>();
  return (key) => {
    let value = made.get(key);
    if (!value) {
      value = make(key);
      made.set(key, value);
    }
    return value;
  };
}
