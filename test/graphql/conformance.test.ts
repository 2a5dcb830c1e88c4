// GraphQL over HTTP as its specification has it, and what the endpoint refuses besides.

import { serverAudits } from 'graphql-http';
import { describe, expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';

const app = await startApp();
const audits = serverAudits({ url: app.url });

const JSON_TYPE = { 'content-type': 'application/json' };
const query = '{ __typename }';
const post = (body: string, headers: Record<string, string> = JSON_TYPE, url = app.url) =>
  fetch(url, { method: 'POST', headers, body });

describe('audits', () => {
  test('G17 there are 61 of them', () => expect(audits).toHaveLength(61));

  test.each(audits.map((audit) => [audit.id, audit.name, audit] as const))(
    'G17 %s: the server %s',
    async (_, __, audit) => {
      const result = await audit.fn();
      expect(result.status, 'reason' in result ? result.reason : '').toBe('ok');
    },
  );
});

describe('requests that are no requests', () => {
  test('G33 a mutation by GET is refused with 405 and executes nothing', async () => {
    const mutation = `mutation { postDefine(input: { code: "by-get", texts: [{ locale: en, name: "x" }], permissions: [] }) { userErrors { code } } }`;
    const answer = await fetch(`${app.url}?query=${encodeURIComponent(mutation)}`, {
      headers: { authorization: `Bearer ${app.admin.token}` },
    });
    expect(answer.status).toBe(405);
    expect(await app.sql(`SELECT 1 FROM post WHERE code = 'by-get'`)).toEqual([]);
  });

  test('a query by GET is answered', async () => {
    const answer = await fetch(`${app.url}?query=${encodeURIComponent(query)}`);
    expect(await answer.json()).toMatchObject({ data: { __typename: 'Query' } });
  });

  test('a batch is refused and none of it executed', async () => {
    const answer = await post(JSON.stringify([{ query }, { query }]));
    expect(answer.status).toBe(400);
    expect(await answer.json()).not.toHaveProperty('data');
  });

  test.each([
    ['application/x-www-form-urlencoded', `query=${encodeURIComponent(query)}`],
    ['text/plain', JSON.stringify({ query })],
    [
      'multipart/form-data; boundary=x',
      `--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n${JSON.stringify({ query })}\r\n--x--\r\n`,
    ],
    ['application/graphql', query],
  ])('G33 a post of %s executes nothing', async (contentType, body) => {
    const answer = await post(body, { 'content-type': contentType });
    expect(answer.status).toBe(415);
    expect(await answer.json()).toEqual({
      errors: [
        {
          message: 'Send JSON, with Content-Type: application/json.',
          extensions: { code: 'BAD_REQUEST' },
        },
      ],
    });
  });

  test('G16 a body above 256 KB is refused with 413, chunked or not', async () => {
    const body = JSON.stringify({ query, variables: { padding: 'x'.repeat(300 * 1024) } });
    expect((await post(body)).status).toBe(413);
    const chunks = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(body));
        controller.close();
      },
    });
    const chunked = await fetch(app.url, {
      method: 'POST',
      headers: JSON_TYPE,
      body: chunks,
      duplex: 'half',
    } as RequestInit);
    expect(chunked.status).toBe(413);
  });

  test.each([
    ['no JSON', '{"query": '],
    ['no object', '"query"'],
    ['no query', '{}'],
    ['a query that is no text', '{"query": 1}'],
    ['a text that is no query', '{"query": "{"}'],
    ['variables that are no object', '{"query": "{ __typename }", "variables": []}'],
    [
      'an operation that the document does not have',
      '{"query": "query A { __typename }", "operationName": "B"}',
    ],
    ['a wrong variable', '{"query": "query A($id: ID!) { node(id: $id) { id } }", "variables": {}}'],
  ])('%s is answered with 400 and a message without insides', async (_, body) => {
    const answer = await post(body, { ...JSON_TYPE, accept: 'application/graphql-response+json' });
    expect(answer.status).toBe(400);
    const text = await answer.text();
    expect(JSON.parse(text).errors[0].extensions.code).toBe('BAD_REQUEST');
    expect(text).not.toMatch(/node_modules|\.ts:|\.js:|stack/);
  });

  test('a token that nobody has is refused with 401, another scheme and an empty token as well', async () => {
    for (const authorization of [
      'Bearer nobody',
      'Bearer ',
      'Basic YWRtaW46YWRtaW4=',
      app.admin.token ?? '',
    ]) {
      const answer = await post(JSON.stringify({ query }), { ...JSON_TYPE, authorization });
      expect(answer.status, authorization).toBe(401);
      expect((await answer.json()).errors[0].extensions).toEqual({ code: 'UNAUTHENTICATED' });
    }
  });

  test('paths beside the endpoint answer 404, and the probes answer', async () => {
    expect((await fetch(`${app.origin}/graphqlx`)).status).toBe(404);
    expect((await fetch(`${app.origin}/..%2f..%2fetc/passwd`)).status).toBe(404);
    expect((await fetch(`${app.origin}/live`)).status).toBe(200);
    expect((await fetch(`${app.origin}/ready`)).status).toBe(200);
  });
});
