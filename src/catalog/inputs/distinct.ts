// Lists in which nothing may stand twice.

import { issue } from '../../core/inputs.ts';

/** Add DUPLICATE for each value that stands in the list before, at its index followed by `field`. Nothing is no value. */
export function distinct(
  context: unknown,
  values: readonly (string | undefined)[],
  ...field: string[]
): void {
  const seen = new Set<string>();
  values.forEach((value, i) => {
    if (value === undefined) return;
    if (seen.has(value)) issue(context, 'DUPLICATE', {}, [i, ...field]);
    seen.add(value);
  });
}
