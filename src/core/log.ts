// Structured logs, one JSON line each. Credentials never reach them.

import pino from 'pino';

export const log = pino({
  level: 'info',
  base: null,
  timestamp: pino.stdTimeFunctions.isoTime,
  redact: {
    paths: ['authorization', 'password', 'token', '*.authorization', '*.password', '*.token', '*.cookie'],
    censor: '[redacted]',
  },
  serializers: { error: pino.stdSerializers.err },
});
