// Partners: opened, changed, archived, and who may see them with their keys and connections.

import { describe, expect, test } from 'vitest';
import { brief } from '../catalog/goods.ts';
import { startApp } from '../setup/app.ts';
import { uniqueName } from '../setup/given.ts';

const app = await startApp({ env: { BACKGROUND: 'off' } });
const { admin, given } = app;

const texts = [
  { locale: 'en', name: 'Tmall' },
  { locale: 'zh', name: '天猫' },
];
const PARTNER = 'id code kind name texts { locale name } archivedAt version';

const open = (changes: object = {}) => ({
  code: uniqueName('partner'),
  kind: 'MARKETPLACE',
  texts,
  ...changes,
});

interface Partner {
  id: string;
  code: string;
  version: number;
  archivedAt: string | null;
}

const opened = async (changes: object = {}) =>
  (await admin.act<{ partner: Partner }>('partnerOpen', open(changes), `partner { ${PARTNER} }`)).partner;

describe('a partner', () => {
  test('has a code, a kind and names in the languages of the department', async () => {
    const input = open();
    const { partner } = await admin
      .speaking('zh')
      .act<{ partner: Partner }>('partnerOpen', input, `partner { ${PARTNER} }`);
    expect(partner).toEqual({
      id: partner.id,
      code: input.code,
      kind: 'MARKETPLACE',
      name: '天猫',
      texts,
      archivedAt: null,
      version: 1,
    });
  });

  test('has a code of its own, also when two are opened at the same moment', async () => {
    const { code } = await opened();
    expect(brief(await admin.refusal('partnerOpen', open({ code })))).toEqual(['ALREADY_EXISTS input.code']);
    const raced = open();
    const document =
      'mutation ($input: PartnerOpenInput!) { partnerOpen(input: $input) { partner { id } userErrors { code } } }';
    const answers = await Promise.all([1, 2, 3, 4].map(() => admin.run(document, { input: raced })));
    const outcomes = answers.map(({ data, errors }) => JSON.stringify(data ?? errors));
    expect(outcomes.filter((outcome) => outcome.includes('"userErrors":[]'))).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome.includes('ALREADY_EXISTS'))).toHaveLength(3);
  });

  test('lists everything that is wrong with the input at once', async () => {
    const wrong = { code: 'Tmall!', kind: 'MARKETPLACE', texts: [{ locale: 'en', name: ' ' }] };
    expect(brief(await admin.refusal('partnerOpen', wrong))).toEqual([
      'INVALID input.code',
      'REQUIRED input.texts.0.name',
    ]);
  });

  test('C60 is changed from the version that was read, and its history says what was before', async () => {
    const { id: partnerId } = await opened();
    const change = { partnerId, expectedVersion: 1, kind: 'SUPPLIER', texts: [texts[1]] };
    const { partner } = await admin.act<{ partner: Partner }>(
      'partnerChange',
      change,
      `partner { ${PARTNER} }`,
    );
    expect(partner).toMatchObject({ kind: 'SUPPLIER', texts: [texts[1]], version: 2 });
    expect(brief(await admin.refusal('partnerChange', change))).toEqual([
      'STALE_VERSION input.expectedVersion',
    ]);
    const { node } = await admin.ok<{ node: { timeline: { edges: { node: object }[] } } }>(
      'query ($id: ID!) { node(id: $id) { ... on Partner { timeline { edges { node { type changes { field before after } } } } } } }',
      { id: partnerId },
    );
    expect(node.timeline.edges.map((edge) => edge.node)).toEqual([
      { type: 'partner.opened', changes: [{ field: 'kind', before: null, after: 'MARKETPLACE' }] },
      {
        type: 'partner.changed',
        changes: [
          { field: 'kind', before: 'MARKETPLACE', after: 'SUPPLIER' },
          { field: 'names', before: { en: 'Tmall', zh: '天猫' }, after: { zh: '天猫' } },
        ],
      },
    ]);
  });

  test('is archived once, by those who act in the whole department, and not while its machines report', async () => {
    const machine = await given.connection();
    const { partnerId } = machine;
    const local = await given.staff({ permissions: ['partners.manage', 'partners.read'], stores: [] });
    expect(brief(await local.refusal('partnerArchive', { partnerId }))).toEqual([
      'NOT_PERMITTED input.partnerId',
    ]);
    expect(brief(await admin.refusal('partnerArchive', { partnerId }))).toEqual([
      'PARTNER_CONNECTED input.partnerId',
    ]);
    await admin.act('connectionArchive', { connectionId: machine.connectionId });
    const archive = () =>
      admin.act<{ partner: Partner }>('partnerArchive', { partnerId }, `partner { ${PARTNER} }`);
    const { partner } = await archive();
    expect(partner).toMatchObject({ archivedAt: expect.any(String), version: 2 });
    expect(await archive()).toEqual({ partner, userErrors: [] });
    const connection = { partnerId, code: uniqueName('connection'), kind: 'PAYMENT' };
    expect(brief(await admin.refusal('connectionOpen', connection))).toEqual([
      'PARTNER_ARCHIVED input.partnerId',
    ]);
  });

  test('that is unknown is not changed and not archived', async () => {
    const partnerId = Buffer.from(`Partner:${crypto.randomUUID()}`).toString('base64url');
    expect(brief(await admin.refusal('partnerChange', { partnerId, expectedVersion: 1 }))).toEqual([
      'NOT_FOUND input.partnerId',
    ]);
    expect(brief(await admin.refusal('partnerArchive', { partnerId }))).toEqual([
      'NOT_FOUND input.partnerId',
    ]);
  });
});

describe('partners', () => {
  test('are listed by code, of a kind, archived or not', async () => {
    const [carrier, gone] = [await opened({ kind: 'CARRIER' }), await opened({ kind: 'CARRIER' })];
    await admin.act('partnerArchive', { partnerId: gone.id });
    const codes = async (where: string) => {
      const { partners } = await admin.ok<{ partners: { totalCount: number; edges: { node: Partner }[] } }>(
        `{ partners(where: ${where}, first: 100) { totalCount edges { node { code } } } }`,
      );
      expect(partners.totalCount).toBe(partners.edges.length);
      return partners.edges.map(({ node }) => node.code);
    };
    expect(await codes('{ kind: CARRIER, archived: false }')).toEqual([carrier.code]);
    expect(await codes('{ kind: CARRIER, archived: true }')).toEqual([gone.code]);
    const all = await codes('{}');
    expect(all).toEqual([...all].sort());
    expect(all).toEqual(expect.arrayContaining([carrier.code, gone.code]));
  });

  test('C57 are seen with partners.read, by a key only its own; their connections by who manages those', async () => {
    const key = await given.key({ scopes: ['orders:read'] });
    const machine = await given.connection({ partner: key.partnerId, kind: 'TRACKING' });
    const READ =
      'query ($id: ID!) { node(id: $id) { ... on Partner { code keys { totalCount } connections { totalCount edges { node { code } } } } } }';
    const seen = async (client: typeof admin, id: string) =>
      (await client.run<{ node: object | null }>(READ, { id })).data?.node ?? null;
    expect(await seen(key, key.partnerId)).toMatchObject({
      keys: { totalCount: 1 },
      connections: { totalCount: 0, edges: [] },
    });
    expect(await seen(key, await given.partner())).toBeNull();
    expect(await seen(await given.staff({ permissions: ['orders.read'] }), key.partnerId)).toBeNull();
    const reader = await given.staff({ permissions: ['partners.read'] });
    expect(await seen(reader, key.partnerId)).toMatchObject({
      keys: { totalCount: 0 },
      connections: { totalCount: 0 },
    });
    expect(await seen(admin, key.partnerId)).toMatchObject({
      keys: { totalCount: 1 },
      connections: { totalCount: 1, edges: [{ node: { code: machine.code } }] },
    });
  });

  test('with their keys, stores and locations cost as many statements for twenty as for one', async () => {
    const stores = [await given.store(), await given.store()];
    const locations = [await given.location()];
    for (let i = 0; i < 20; i++) {
      const partner = await given.partner({ kind: 'WAREHOUSE' });
      await given.connection({ partner, kind: 'TRACKING' });
      for (let n = 0; n < 2; n++) await given.key({ partner, scopes: ['orders:read'], stores, locations });
    }
    const QUERY = `query ($first: Int) { partners(first: $first, where: { kind: WAREHOUSE }) { edges { node {
      name keys(first: 3) { totalCount edges { node {
        name isActive permissions stores { name } locations { name } partner { name } replaces { name } timeline(first: 3) { edges { node { type } } }
      } } }
      connections(first: 3) { totalCount edges { node { code path partner { name } } } }
    } } } }`;
    const [one, many] = [
      await app.statementsOf(() => admin.ok(QUERY, { first: 1 })),
      await app.statementsOf(() => admin.ok(QUERY, { first: 20 })),
    ];
    expect(many.length).toBe(one.length);
    for (const statement of many) expect(statement).not.toMatch(/key_hash|sealed_secret|former_secret/);
  });
});
