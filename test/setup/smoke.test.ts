import { expect, test } from 'vitest';
import { startApp } from './app.ts';

console.log(import.meta.resolve('graphql'), process.execArgv, Object.keys(process.env).filter(k=>/VITE|NODE/.test(k)).map(k=>k+process.env[k]));
const app = await startApp();
const { admin, given } = app;

test('smoke', async () => {
  const clerk = await given.staff({ posts: ['order_clerk'] });
  const { viewer } = await clerk.ok<{ viewer: { email: string } }>('{ viewer { email name } viewerPermissions }');
  expect(viewer.email).toContain('@');
  const location = await given.location();
  const [v] = await app.sql('SELECT count(*) FROM location');
  expect(v).toEqual({ count: '1' });
  console.log(await app.statementsOf(() => admin.ok('{ locations { edges { node { id code name } } totalCount } }')));
  const stream = admin.subscribe<{ stockEvents: { type: string; cursor: string } }>('subscription { stockEvents { type cursor } }');
  console.log(await stream.next());
  const sse = admin.subscribeSse<{ stockEvents: { type: string; cursor: string } }>('subscription { stockEvents { type cursor } }');
  console.log(await sse.next());
  await sse.close();
  await stream.close();
  console.log(await stream.closed);
  console.log(await admin.refusal('locationOpen', { code: 'x x', texts: [] }));
});
