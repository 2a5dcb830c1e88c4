// Work that may not be possible, where something else is done then.

/** What some work comes to; null where it throws an error of this kind. */
export function unless<Result>(
  Kind: abstract new (...args: never[]) => Error,
  work: () => Result,
): Result | null {
  try {
    return work();
  } catch (error) {
    if (error instanceof Kind) return null;
    throw error;
  }
}
