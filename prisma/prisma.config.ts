// Where Prisma's own commands find the schema, the migrations and the database.

import { defineConfig } from 'prisma/config';

const url = process.env.DATABASE_DIRECT_URL || process.env.DATABASE_URL;

export default defineConfig({
  schema: 'schema',
  migrations: { path: 'migrations' },
  ...(url ? { datasource: { url } } : {}),
});
