// Structured logs, one JSON line each. Neither credentials nor rows of the database reach them.

import pino from 'pino';

export const log = pino({
  level: 'info',
  base: null,
  timestamp: pino.stdTimeFunctions.isoTime,
  redact: {
    paths: [
      ...['authorization', 'password', 'token', '*.authorization', '*.password', '*.token', '*.cookie'],
      // PostgreSQL quotes the row that it refuses, which may be personal.
      ...['error.detail', 'error.cause.detail', 'error.meta.driverAdapterError.cause.detail'],
    ],
    censor: '[redacted]',
  },
  serializers: { error: withoutClient },
});

/**
 * An error as the log shows it. A lost connection's has the whole client on it, which says nothing to anybody, and one
 * of Redis the command with its arguments, which may be a password.
 */
function withoutClient(error: unknown): unknown {
  return error instanceof Error
    ? { ...pino.stdSerializers.err(error), client: undefined, command: undefined }
    : error;
}
