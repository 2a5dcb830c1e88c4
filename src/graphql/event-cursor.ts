// `Query.eventCursor`: the end of the log, for lists that are read beside it.

import { encodeCursor } from '../core/cursor.ts';
import { currentHead, placeAt } from '../core/event-log.ts';
import { builder } from './builder.ts';
import { perContext } from './per-context.ts';

builder.queryField('eventCursor', (t) =>
  t.field({
    type: 'EventCursor',
    description:
      'The end of the event log, read before every other field of the query: lists read beside it and a feed that starts `after` it leave no gap.',
    authScopes: { internal: true },
    resolve: (_root, _args, context) => cursorOf(context),
  }),
);

/** The cursor of this request: read once, and before any root field when the operation selects it. */
export const cursorOf = perContext(() => currentHead().then(placeAt).then(encodeCursor));
