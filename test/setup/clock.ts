// The clock of the business, moved by tests. Timers of Node and the limits of logins keep the machine's time.

import { setClock } from '../../src/core/time.ts';

let offset = 0;

export const clock = {
  /** The moment it is for the business. */
  now: (): Date => new Date(Date.now() + offset),

  /** Make it this moment now; time goes on from there. */
  moveTo(moment: Date | string): void {
    offset = new Date(moment).getTime() - Date.now();
    setClock(() => Date.now() + offset);
  },

  /** Let so much time pass at once. */
  pass({ days = 0, hours = 0, minutes = 0, seconds = 0 }: Span): void {
    offset += (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
    setClock(() => Date.now() + offset);
  },

  /** The machine's clock again. */
  reset(): void {
    offset = 0;
    setClock();
  },
};

interface Span {
  days?: number;
  hours?: number;
  minutes?: number;
  seconds?: number;
}
