// Dayshift as it is measured: in production, with nothing that limits callers, on a database of the benchmark.

import { join } from 'node:path';
import type { Side } from './compare.ts';
import { folder } from './place.ts';
import { type Server, startServer } from './processes.ts';

export const SECRET_KEY = 'a secret key that only the benchmark knows';
const ADMIN = { email: 'admin@bench.example', password: 'correct horse battery staple' };

export interface Dayshift {
  server: Server;
  /** Token of the administrator. */
  token: string;
  /** Perform a mutation; throws when it is refused. */
  act<Payload>(mutation: string, input: object, selection: string): Promise<Payload>;
}

export async function startDayshift(databaseUrl: string): Promise<Dayshift> {
  const server = await startServer('Dayshift', 'src/main.ts', {
    DATABASE_URL: databaseUrl,
    DATA_DIR: join(folder, 'files'),
    PORT: '0',
    SECRET_KEY,
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    SAMPLE: 'off',
    SHEDDING: 'off',
    COST_MAXIMUM: '1000000000',
    COST_RESTORE: '1000000000',
    LOG_LEVEL: 'warn',
  });
  let token: string | null = null;
  const act = async <Payload>(mutation: string, input: object, selection: string): Promise<Payload> => {
    const name = mutation.charAt(0).toUpperCase() + mutation.slice(1);
    const response = await fetch(`${server.origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: JSON.stringify({
        query: `mutation ($input: ${name}Input!) { ${mutation}(input: $input) { ${selection} userErrors { code message path } } }`,
        variables: { input },
      }),
    });
    const { data, errors } = (await response.json()) as { data?: Record<string, Payload>; errors?: unknown };
    const payload = data?.[mutation] as Payload & { userErrors: unknown[] };
    if (errors || !payload || payload.userErrors.length > 0)
      throw new Error(`${mutation}: ${JSON.stringify(errors ?? payload?.userErrors)}`);
    return payload;
  };
  token = (await act<{ token: string }>('sessionOpen', ADMIN, 'token')).token;
  return { server, token, act };
}

export const dayshiftSide = ({ server, token }: Dayshift): Side => ({
  server,
  token,
  requestsOf: ({ asks }) => asks.map(({ graphql }) => ({ path: '/graphql', body: graphql })),
});
