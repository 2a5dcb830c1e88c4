// The schema: one import per domain.

import './graphql/scalars.ts';
import './analytics/access.ts';
import './catalog/access.ts';
import './identity/schema.ts';
import './inventory/schema.ts';
import './orders/access.ts';
import { buildSchema } from './graphql/builder.ts';

export const schema = buildSchema();
