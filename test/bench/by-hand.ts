// A server of the same answers written by hand: node:http and SQL. Every request authenticates its session as the API does.

import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { hashToken, setSecretKey } from '../../src/core/secrets.ts';
import { placeOrder } from './by-hand-order.ts';
import { orderDetail, orderPage, productSearch, stockList } from './by-hand-reads.ts';

/** Who asks, as far as these few answers need to know. */
export interface Caller {
  id: string;
  permissions: ReadonlySet<string>;
}

export type Answer = { data: object } | null;

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const writing = new pg.Pool({ connectionString: process.env.WRITING_URL, max: 10 });
setSecretKey(process.env.SECRET_KEY ?? '');

async function callerOf(authorization: string | undefined): Promise<Caller | null> {
  const token = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1];
  if (!token) return null;
  const { rows } = await pool.query<{ id: string; permissions: string[] }>({
    name: 'session',
    text: `SELECT st.id, (SELECT array_agg(p) FROM staff_post sp JOIN post ON post.id = sp.post_id, unnest(post.permissions) p
             WHERE sp.staff_id = st.id) AS permissions
           FROM session s JOIN staff st ON st.id = s.staff_id
           WHERE s.token_hash = $1 AND s.revoked_at IS NULL AND s.expires_at > $2 AND st.state = 'ACTIVE' AND st.all_stores AND st.all_locations`,
    values: [hashToken(token), new Date()],
  });
  const [row] = rows;
  return row ? { id: row.id, permissions: new Set(row.permissions) } : null;
}

async function answer(request: IncomingMessage): Promise<Answer> {
  const caller = await callerOf(request.headers.authorization);
  if (!caller) return null;
  const url = new URL(request.url ?? '/', 'http://localhost');
  const [, path, id] = url.pathname.split('/');
  const can = (permission: string) => caller.permissions.has(permission);
  if (request.method === 'POST') {
    if (path !== 'orders' || !can('orders.place')) return null;
    return placeOrder(writing, caller, JSON.parse(await bodyOf(request)));
  }
  if (path === 'products') return productSearch(pool, url.searchParams.get('search') ?? '');
  if (path === 'stocks' && can('stock.read')) return stockList(pool, url.searchParams.get('after'));
  if (path !== 'orders' || !can('orders.read') || !can('contacts.read')) return null;
  return id ? orderDetail(pool, id) : orderPage(pool, url.searchParams.get('after'));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  return body;
}

const server = createServer((request, response) => {
  answer(request).then(
    (found) => {
      response.writeHead(found ? 200 : 404, { 'Content-Type': 'application/json; charset=utf-8' });
      response.end(JSON.stringify(found ?? { errors: [{ message: 'refused' }] }));
    },
    (error: unknown) => {
      process.stderr.write(`${(error as Error).stack}\n`);
      response.writeHead(500).end();
    },
  );
});
server.keepAliveTimeout = 72_000;
server.listen(0, '127.0.0.1', () =>
  process.stdout.write(`serves http://127.0.0.1:${(server.address() as AddressInfo).port}\n`),
);
process.once('SIGTERM', () => process.exit(0));
