// Scalars and value types of the whole graph: moments, decimals, cursors, money.

import { GraphQLError } from 'graphql';
import { decodeCursor } from '../core/cursor.ts';
import { formatMinor } from '../core/money.ts';
import { builder } from './builder.ts';

const refuse = (message: string) => new GraphQLError(message, { extensions: { code: 'BAD_REQUEST' } });

// Seconds are required and leap days checked: Date alone would turn 30 February into 1 March.
const MOMENT = /^(\d{4})-(\d{2})-(\d{2})T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;

function parseMoment(value: unknown): Date {
  const match = typeof value === 'string' ? MOMENT.exec(value) : null;
  const date = match ? new Date(value as string) : null;
  const day = Number(match?.[3]);
  const daysInMonth = new Date(Date.UTC(Number(match?.[1]), Number(match?.[2]), 0)).getUTCDate();
  if (!date || Number.isNaN(date.getTime()) || day > daysInMonth) {
    throw refuse('A DateTime looks like 2026-11-22T08:30:00Z or 2026-11-22T16:30:00+08:00.');
  }
  return date;
}

builder.scalarType('DateTime', {
  description:
    'A moment in ISO 8601 with time zone, exact to the millisecond: `2026-11-22T08:30:00.000Z`. Answers are in UTC.',
  serialize: (value) => (value as Date).toISOString(),
  parseValue: parseMoment,
});

builder.scalarType('Decimal', {
  description: 'An exact decimal number as a string: `"12.50"`. Never a float.',
  serialize: (value) => String(value),
  parseValue: (value) => {
    if (typeof value === 'string' && /^-?\d{1,18}(\.\d{1,9})?$/.test(value)) return value;
    throw refuse('A Decimal is a string of digits with an optional point: "12.50".');
  },
});

builder.scalarType('EventCursor', {
  description: 'A place in the event log. Opaque: keep the last one you saw and hand it back as `after`.',
  serialize: (value) => value as string,
  parseValue: (value) => {
    if (typeof value === 'string' && decodeCursor(value)) return value;
    throw refuse('This is no EventCursor.');
  },
});

builder.scalarType('JSON', {
  description: 'A JSON value, as it stood in the changed field.',
  serialize: (value) => value,
});

builder.objectType('Money', {
  description: 'An amount of money.',
  fields: (t) => ({
    amount: t.field({
      type: 'Decimal',
      description: 'Decimal number with all digits of the currency: `"12.50"` CNY, `"1250"` JPY.',
      resolve: (money) => formatMinor(money.minor, money.currency),
    }),
    currency: t.exposeString('currency', { description: 'ISO 4217 code.' }),
  }),
});
