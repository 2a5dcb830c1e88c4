// PostGraphile 5 on the department's own tables, as its documentation says it is run in production.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { importFrom } from './packages.ts';

const from = 'postgraphile';
const { postgraphile } = await importFrom(from, 'postgraphile');
const { PostGraphileAmberPreset } = await importFrom(from, 'postgraphile/presets/amber');
const { makePgService } = await importFrom(from, 'postgraphile/adaptors/pg');
const { grafserv } = await importFrom(from, 'postgraphile/grafserv/node');

const instance = postgraphile({
  extends: [PostGraphileAmberPreset],
  pgServices: [
    makePgService({
      connectionString: process.env.DATABASE_URL,
      schemas: ['public'],
      poolConfig: { max: 10 },
    }),
  ],
  grafserv: { graphiql: false, watch: false },
  grafast: { explain: false },
});
const server = createServer();
await instance.createServ(grafserv).addTo(server);
if (process.env.PRINT_SCHEMA) {
  const { printSchema } = await importFrom(from, 'graphql');
  process.stdout.write(printSchema(await instance.getSchema()));
}
server.listen(0, '127.0.0.1', () =>
  process.stdout.write(`serves http://127.0.0.1:${(server.address() as AddressInfo).port}\n`),
);
process.once('SIGTERM', () => process.exit(0));
