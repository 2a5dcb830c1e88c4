// Values that are there at once or come later. What is there is not waited for: a promise for each of many values costs much.

export const isPromise = <T>(value: T | Promise<T>): value is Promise<T> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';

/** Do something with a value, at once where it is there already. */
export const after = <T, Next>(
  value: T | Promise<T>,
  next: (value: T) => Next | Promise<Next>,
): Next | Promise<Next> => (isPromise(value) ? value.then(next) : next(value));
