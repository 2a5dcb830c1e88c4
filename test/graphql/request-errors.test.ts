// Errors about a request itself, and the language in which somebody is answered.

import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { encodeCursor } from '../../src/core/cursor.ts';
import { toGlobalId } from '../../src/core/ids.ts';
import { requestTexts } from '../../src/graphql/request-errors.ts';
import { startApp } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';

const app = await startApp();
const { admin, anonymous } = app;
const clerk = await app.given.staff({ permissions: [] });

/** The one top-level error of an operation. */
async function errorOf(
  client: Client,
  document: string,
  variables?: Record<string, unknown>,
): Promise<Record<string, unknown> & { message: string }> {
  const { errors } = await client.run(document, variables);
  expect(errors).toHaveLength(1);
  return { ...errors[0]?.extensions, message: errors[0]?.message ?? '' };
}

const CUSTOMERS = '{ customers(first: 1) { totalCount } }';
const LISTINGS = 'listings(first: 100) { edges { node { id } } }';
const foreign = encodeCursor({ epoch: 'elsewhere', seq: 1n, mark: '' });

describe('O60 an error about the request itself is told in the language of the request', () => {
  test.each<[string, Client, string, string, string]>([
    [CUSTOMERS, anonymous, 'UNAUTHENTICATED', requestTexts.LOG_IN.en, requestTexts.LOG_IN.zh],
    [
      CUSTOMERS,
      app.clientFor('ds_session_nobody'),
      'UNAUTHENTICATED',
      requestTexts.CREDENTIAL_INVALID.en,
      requestTexts.CREDENTIAL_INVALID.zh,
    ],
    [
      CUSTOMERS,
      clerk,
      'FORBIDDEN',
      'This needs the permission customers.read.',
      '此操作需要权限 customers.read。',
    ],
    ['{ node(id: "x") { id } }', admin, 'BAD_INPUT', 'This is no object id.', '这不是对象的标识。'],
    [
      '{ stores(first: 1, last: 1) { totalCount } }',
      admin,
      'BAD_INPUT',
      requestTexts.PAGE_TWO_SIZES.en,
      requestTexts.PAGE_TWO_SIZES.zh,
    ],
    [
      '{ stores(last: 1, after: "x") { totalCount } }',
      admin,
      'BAD_INPUT',
      requestTexts.PAGE_AFTER_LAST.en,
      requestTexts.PAGE_AFTER_LAST.zh,
    ],
    [
      '{ stores(first: 101) { totalCount } }',
      admin,
      'BAD_INPUT',
      '`first` and `last` are between 0 and 100.',
      '`first` 与 `last` 须在 0 与 100 之间。',
    ],
    [
      '{ stores(after: "x") { totalCount } }',
      admin,
      'BAD_INPUT',
      requestTexts.CURSOR_FOREIGN.en,
      requestTexts.CURSOR_FOREIGN.zh,
    ],
    [
      `{ stores(first: 100) { edges { node { a: ${LISTINGS} b: ${LISTINGS} c: ${LISTINGS} } } } }`,
      admin,
      'TOO_COSTLY',
      'This asks for up to {n} objects; 25000 are allowed. Ask for fewer with first.',
      '此请求最多会读取 {n} 个对象，上限为 25000 个。请用 first 减少数量。',
    ],
  ])('%s', async (document, client, code, en, zh) => {
    const said = async (language: string) => {
      const { message, code } = await errorOf(client.speaking(language), document);
      return [code, message.replace(/\d{5,}(?= (objects|个对象))/, '{n}')];
    };
    expect(await said('en')).toEqual([code, en]);
    expect(await said('zh-CN')).toEqual([code, zh]);
  });

  test('with each of its problems, and with what machines read unchanged', async () => {
    const document = 'query ($where: OrderWhere) { orders(where: $where) { totalCount } }';
    const where = { storeId: toGlobalId('Order', randomUUID()) };
    const said = (language: string) => errorOf(admin.speaking(language), document, { where });
    const problem = { code: 'INVALID_ID', path: ['where', 'storeId'] };
    expect(await said('en')).toEqual({
      code: 'BAD_INPUT',
      message: 'This is no store id.',
      problems: [{ ...problem, message: 'This is no store id.' }],
    });
    expect(await said('zh')).toEqual({
      code: 'BAD_INPUT',
      message: '这不是店铺的标识。',
      problems: [{ ...problem, message: '这不是店铺的标识。' }],
    });
    expect(await errorOf(clerk.speaking('zh'), CUSTOMERS)).toMatchObject({
      requiredPermission: 'customers.read',
    });
  });

  test('on a stream as well', async () => {
    const feed = 'subscription ($after: EventCursor) { orderEvents(after: $after) { cursor } }';
    for (const open of ['subscribe', 'subscribeSse'] as const) {
      const [error] = await admin.speaking('zh')[open](feed, { after: foreign }).ended;
      expect(error, open).toMatchObject({
        message: '请重新读取列表并从其 eventCursor 开始订阅：游标属于另一个数据库。',
        extensions: { code: 'RESYNC_REQUIRED' },
      });
    }
  });

  test('but what graphql-js finds wrong with a document stays in English', async () => {
    const error = await errorOf(admin.speaking('zh'), '{ nothing }');
    expect(error).toMatchObject({
      code: 'BAD_REQUEST',
      message: expect.stringContaining('Cannot query field'),
    });
  });

  test('every text is there in English and in Chinese, with the same places', () => {
    const places = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();
    for (const [name, { en, zh }] of Object.entries(requestTexts)) {
      expect(/\p{Script=Han}/u.test(zh) && !/\p{Script=Han}/u.test(en), name).toBe(true);
      expect(places(zh), name).toEqual(places(en));
    }
  });
});

describe('O60 who names no language is answered in their own', () => {
  const BAD = 'mutation { locationArchive(input: { locationId: "x" }) { userErrors { message } } }';
  const zh = '这不是仓库的标识。';
  const en = 'This is no location id.';
  const said = async (client: Client, headers: Record<string, string> = {}) => {
    const { data } = await client.run<{ locationArchive: { userErrors: { message: string }[] } }>(
      BAD,
      {},
      { headers },
    );
    return data?.locationArchive.userErrors[0]?.message;
  };

  test('staff', async () => {
    const chinese = await app.given.staff({ permissions: ['locations.manage'], locale: 'zh' });
    const english = await app.given.staff({ permissions: ['locations.manage'], locale: 'en' });
    expect(await said(chinese)).toBe(zh);
    expect(await said(english)).toBe(en);
    expect(await said(chinese, { 'accept-language': 'fr-FR, de' })).toBe(zh);
    expect(await said(chinese, { 'accept-language': 'en-GB, zh;q=0.5' })).toBe(en);
    expect(await said(english.speaking('zh'))).toBe(zh);
  });

  test('customers', async () => {
    const chinese = await app.given.customer({ locale: 'zh' });
    expect((await errorOf(chinese, CUSTOMERS)).message).toBe('此操作需要权限 customers.read。');
    expect((await errorOf(chinese.speaking('en'), CUSTOMERS)).message).toBe(
      'This needs the permission customers.read.',
    );
  });

  test('on a WebSocket, where acceptLanguage names one', async () => {
    const chinese = await app.given.staff({ permissions: ['orders.read'], locale: 'zh' });
    const feed = 'subscription ($after: EventCursor) { orderEvents(after: $after) { cursor } }';
    const [own] = await chinese.subscribe(feed, { after: foreign }).ended;
    expect(own?.message).toContain('请重新读取列表');
    const [named] = await chinese.speaking('en').subscribe(feed, { after: foreign }).ended;
    expect(named?.message).toContain('Read the lists anew');
  });

  test('while nobody known, and a key, are answered in English', async () => {
    expect((await errorOf(anonymous, CUSTOMERS)).message).toBe(requestTexts.LOG_IN.en);
    const key = await app.given.key({ scopes: ['orders.read'] });
    expect((await errorOf(key, CUSTOMERS)).message).toBe('This needs the permission customers.read.');
  });
});
