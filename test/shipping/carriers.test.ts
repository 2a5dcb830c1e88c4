// Carriers: those that come with Dayshift, and those that the department defines.

import { expect, test } from 'vitest';
import { seedCarriers } from '../../prisma/seed/carriers.ts';
import { atOnce, brief, nobodys } from '../catalog/goods.ts';
import { startApp } from '../setup/app.ts';
import { newKey, uniqueName } from '../setup/given.ts';
import { dockIn } from './dock.ts';

const app = await startApp();
const dock = dockIn(app);

interface Carrier {
  id: string;
  code: string;
  name: string;
  reference: boolean;
  version: number;
  archivedAt: string | null;
  connection: { id: string } | null;
}
const CARRIER = 'carrier { id code name reference version archivedAt connection { id } }';
const texts = (name: string) => [
  { locale: 'en', name },
  { locale: 'zh', name: `${name}快递` },
];

const define = async (wishes: object = {}) =>
  (
    await app.admin.act<{ carrier: Carrier }>(
      'carrierDefine',
      { code: uniqueName('carrier'), texts: texts('Swift'), ...wishes },
      CARRIER,
    )
  ).carrier;

const listed = async (where = '') =>
  (
    await app.admin.ok<{ carriers: { edges: { node: Carrier }[] } }>(
      `{ carriers(first: 100 ${where}) { edges { node { id code name reference } } } }`,
    )
  ).carriers.edges.map(({ node }) => node);

test('the carriers of the trade are there from the first start, with names in both languages', async () => {
  const codes = (await listed()).map(({ code }) => code);
  expect(codes).toEqual(
    expect.arrayContaining(['sf', 'zto', 'yto', 'sto', 'yunda', 'jt', 'ems', 'jd', 'dhl']),
  );
  expect(codes).toEqual(codes.toSorted());
  const { carriers } = await app.admin
    .speaking('zh')
    .ok<{ carriers: { edges: { node: Carrier }[] } }>(
      '{ carriers(first: 100) { edges { node { code name } } } }',
    );
  expect(carriers.edges.map(({ node }) => node)).toContainEqual({ code: 'sf', name: '顺丰速运' });
});

test('another start adds nothing, and keeps what the department changed', async () => {
  const before = await listed();
  const royal = before.find(({ code }) => code === 'royal-mail');
  await app.admin.act('carrierChange', { carrierId: royal?.id, expectedVersion: 1, texts: texts('Royal') });
  await seedCarriers(new Date());
  const after = await listed();
  expect(after.map(({ id }) => id)).toEqual(before.map(({ id }) => id));
  expect(after.find(({ code }) => code === 'royal-mail')?.name).toBe('Royal');
});

test('a carrier is defined once by its code, also by two at once', async () => {
  const code = uniqueName('carrier');
  const answers = await atOnce(app.admin, 'carrierDefine', Array(5).fill({ code, texts: texts('Swift') }));
  expect(answers.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(1);
  expect(answers.flatMap(({ userErrors }) => userErrors).map((error) => error.code)).toEqual(
    Array(4).fill('ALREADY_EXISTS'),
  );
});

test('a carrier is changed at the version that was read, and reports by a connection of tracking only', async () => {
  const { id: carrierId } = await define();
  const { connectionId } = await app.given.connection({ kind: 'TRACKING' });
  const payment = await app.given.connection({ kind: 'PAYMENT' });
  const change = (wishes: object) => app.admin.refusal('carrierChange', { carrierId, ...wishes });
  expect(brief(await change({ expectedVersion: 7, connectionId: payment.connectionId }))).toEqual([
    'STALE_VERSION input.expectedVersion',
    'NOT_FOUND input.connectionId',
  ]);
  expect(brief(await change({ expectedVersion: 1, connectionId, withoutConnection: true }))).toEqual([
    'INVALID input.withoutConnection',
  ]);
  const changed = await app.admin.act<{ carrier: Carrier }>(
    'carrierChange',
    { carrierId, expectedVersion: 1, connectionId },
    CARRIER,
  );
  expect(changed.carrier).toMatchObject({ version: 2, connection: { id: connectionId } });
  const freed = await app.admin.act<{ carrier: Carrier }>(
    'carrierChange',
    { carrierId, expectedVersion: 2, withoutConnection: true },
    CARRIER,
  );
  expect(freed.carrier).toMatchObject({ version: 3, connection: null });
  expect(brief(await app.admin.refusal('carrierArchive', { carrierId: nobodys('Carrier') }))).toEqual([
    'NOT_FOUND input.carrierId',
  ]);
});

test('no new parcel goes with an archived carrier; its parcels on the way are tracked to their end', async () => {
  const { id: carrierId, code: carrierCode } = await define();
  const at = await dock.open();
  const [under, next] = [await dock.order(at), await dock.order(at)];
  const trackingNumber = dock.trackingNumber();
  await dock.send(under, { carrierId, trackingNumber });
  const first = await app.admin.act<{ carrier: Carrier }>('carrierArchive', { carrierId }, CARRIER);
  const again = await app.admin.act<{ carrier: Carrier }>('carrierArchive', { carrierId }, CARRIER);
  expect(first.carrier.archivedAt).not.toBeNull();
  expect(again).toEqual(first);
  expect(brief(await app.admin.refusal('shipmentPrepare', dock.parcelOf(next, { carrierId })))).toEqual([
    'CARRIER_ARCHIVED input.carrierId',
  ]);
  const events = [{ status: 'PICKED_UP', occurredAt: new Date().toISOString() }];
  const { received } = await app.admin.act<{ received: number }>(
    'shipmentTrack',
    { carrierCode, trackingNumber, events },
    'received',
  );
  expect(received).toBe(1);
  expect((await listed(', where: { archived: false }')).map(({ id }) => id)).not.toContain(carrierId);
});

test('who keeps the carriers needs the permission for it', async () => {
  const clerk = await app.given.staff({ posts: ['order_clerk'] });
  const answer = await clerk.run(
    'mutation ($input: CarrierDefineInput!) { carrierDefine(input: $input) { userErrors { code } } }',
    { input: { code: newKey().slice(0, 8), texts: texts('Swift') } },
  );
  expect(answer.errors[0]?.extensions).toEqual({
    code: 'FORBIDDEN',
    requiredPermission: 'carriers.manage',
  });
});

test('T24 a partner’s key keeps its own carriers and those that nobody reports on, and no connection of others', async () => {
  const [own, foreign] = [
    await app.given.connection({ kind: 'TRACKING' }),
    await app.given.connection({ kind: 'TRACKING' }),
  ];
  const scopes = ['carriers.manage', 'connections.manage'];
  const key = await app.given.key({ partner: own.partnerId, scopes });
  const [mine, theirs, nobodies] = [
    await define({ connectionId: own.connectionId }),
    await define({ connectionId: foreign.connectionId }),
    await define(),
  ];
  const change = ({ id: carrierId, version: expectedVersion }: Carrier, wishes: object) =>
    key.refusal('carrierChange', { carrierId, expectedVersion, ...wishes });
  expect(brief(await change(theirs, { connectionId: own.connectionId }))).toEqual([
    'NOT_FOUND input.carrierId',
  ]);
  expect(brief(await change(theirs, { withoutConnection: true }))).toEqual(['NOT_FOUND input.carrierId']);
  expect(brief(await key.refusal('carrierArchive', { carrierId: theirs.id }))).toEqual([
    'NOT_FOUND input.carrierId',
  ]);
  const { connectionId } = foreign;
  expect(brief(await change(nobodies, { connectionId }))).toEqual(['NOT_FOUND input.connectionId']);
  const input = { code: uniqueName('carrier'), texts: texts('Swift'), connectionId };
  expect(brief(await key.refusal('carrierDefine', input))).toEqual(['NOT_FOUND input.connectionId']);
  for (const { id: carrierId, version: expectedVersion } of [mine, nobodies])
    await key.act('carrierChange', { carrierId, expectedVersion, connectionId: own.connectionId });
  await key.act('carrierArchive', { carrierId: mine.id });
});
