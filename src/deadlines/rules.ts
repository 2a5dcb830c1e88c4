// What is true of deadlines: when they are still to be met, and how a failed timer is tried again. Pure: no database, no clock.

import type { DeadlineState } from '../generated/prisma/enums.ts';

/** States in which a deadline is still to be met. */
export const openStates = ['RUNNING', 'PAUSED'] as const satisfies readonly DeadlineState[];

const RETRY_MS_FIRST = 1_000;
const RETRY_MS_MAX = 600_000;

/** Milliseconds to wait after so many failures: 1 s, doubled each time, at most 10 minutes. */
export const retryAfterMs = (failures: number): number =>
  Math.min(RETRY_MS_MAX, RETRY_MS_FIRST * 2 ** Math.max(0, failures - 1));
