// What an error of the database says about it: its SQLSTATE, and whether the database is away or cannot go on.

/** SQLSTATE of a database error however deep Prisma wrapped it. */
export function sqlStateOf(error: unknown): string | undefined {
  for (const { originalCode } of layersOf(error)) if (typeof originalCode === 'string') return originalCode;
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !/^P\d/.test(code) ? code : undefined;
}

interface Layer {
  originalCode?: unknown;
  code?: unknown;
  kind?: unknown;
  message?: unknown;
  cause?: unknown;
  meta?: { driverAdapterError?: unknown };
}

/** An error and what it wraps, outermost first. */
export function layersOf<Wrapped extends object = Layer>(error: unknown): (Layer & Wrapped)[] {
  const layers: (Layer & Wrapped)[] = [];
  for (let at = error; layers.length < 5 && typeof at === 'object' && at !== null; ) {
    const layer = at as Layer & Wrapped;
    layers.push(layer);
    at = layer.meta?.driverAdapterError ?? layer.cause;
  }
  return layers;
}

/** Shut down, crashed, starting up, no more connections; ended for sitting idle in a transaction. */
const AWAY_STATES = /^(08...|57P0[1235]|25P03|53300)$/;
const AWAY_CODES =
  /^(P1001|P1002|P1008|P1017|ECONN\w+|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;
const AWAY_KINDS = /^(DatabaseNotReachable|ConnectionClosed|SocketTimeout|TooManyConnections)$/;
const AWAY_MESSAGES =
  /Connection terminated|Client has encountered a connection error|Query read timeout|Client was closed/;

/** True when the connection was lost, or none could be made. What was not committed did not happen. */
export const isAway = (error: unknown): boolean =>
  AWAY_STATES.test(sqlStateOf(error) ?? '') ||
  layersOf(error).some(
    ({ code, kind, message }) =>
      AWAY_CODES.test(String(code)) || AWAY_KINDS.test(String(kind)) || AWAY_MESSAGES.test(String(message)),
  );

export const DISK_FULL = '53100';
export const LOCK_TIMEOUT = '55P03';

/** A lock or a statement took too long; the disk or the memory of the database is full. */
const EXHAUSTED_STATES = /^(55P03|57014|53[124]00)$/;

/** True where no connection was free in time. */
const isCrowded = (error: unknown): boolean =>
  layersOf(error).some(
    ({ code, message }) =>
      (code === 'P2028' && /Unable to start a transaction/.test(String(message))) ||
      /timeout exceeded when trying to connect/.test(String(message)),
  );

/**
 * True where the database cannot do now what it may do in a moment: it is away, has no connection free, something took
 * too long, or its disk is full.
 */
export const isOverload = (error: unknown): boolean =>
  isCrowded(error) || isAway(error) || EXHAUSTED_STATES.test(sqlStateOf(error) ?? '');
