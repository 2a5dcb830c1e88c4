// The clock of the business, and days as a store's time zone cuts them.

let readClock = (): number => Date.now();

/** The moment of the business, in whole milliseconds. Domains take it as a parameter so that tests move the clock. */
export const now = (): Date => new Date(readClock());

/** Replace the clock; without an argument, the machine's clock again. For tests. */
export function setClock(read?: () => number): void {
  readClock = read ?? (() => Date.now());
}

/** First moment of the day that `moment` falls on in an IANA time zone. Days of 23 or 25 hours are cut right. */
export function startOfDay(moment: Date, timeZone: string): Date {
  const zoned = Temporal.Instant.fromEpochMilliseconds(moment.getTime()).toZonedDateTimeISO(timeZone);
  return new Date(zoned.startOfDay().epochMilliseconds);
}

const WALL_CLOCK = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}(?::\d{2})?)$/;

/**
 * The moment that a clock on a wall of a time zone showed as `2010-12-01 08:26:00`; null when no clock shows this. Of
 * an hour that comes twice it is the first; one that is left out in spring counts on from the hour before.
 */
export function momentIn(timeZone: string, shown: string): Date | null {
  const [, day, time] = WALL_CLOCK.exec(shown) ?? [];
  if (!day || !time) return null;
  try {
    const moment = Temporal.PlainDateTime.from(`${day}T${time}`, { overflow: 'reject' }).toZonedDateTime(
      timeZone,
    );
    return new Date(moment.epochMilliseconds);
  } catch {
    return null;
  }
}

/** True when `name` is an IANA time zone that this runtime knows. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** A moment so many minutes of the natural clock later. */
export const addMinutes = (moment: Date, minutes: number): Date =>
  new Date(moment.getTime() + minutes * 60_000);

/** A moment so many times 24 hours later. */
export const addDays = (moment: Date, days: number): Date => addMinutes(moment, days * 24 * 60);

/** The earlier of two moments; of one that is unknown and one that is not, the known one. */
export function earlier(a: Date, b: Date): Date;
export function earlier(a: Date | null, b: Date | null): Date | null;
export function earlier(a: Date | null, b: Date | null): Date | null {
  return a && b ? (a < b ? a : b) : (a ?? b);
}
