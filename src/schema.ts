// The schema: one import per domain.

import './graphql/event-cursor.ts';
import './graphql/scalars.ts';
import './analytics/schema.ts';
import './catalog/schema.ts';
import './deadlines/schema.ts';
import './identity/schema.ts';
import './inventory/schema.ts';
import './orders/schema.ts';
import './partners/schema.ts';
import './payments/schema.ts';
import './shipping/schema.ts';
import { buildSchema } from './graphql/builder.ts';

export const schema = buildSchema();
