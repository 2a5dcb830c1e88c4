// Traces of operations: what a collector of OpenTelemetry gets, and what it takes when it does not answer.

import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterAll, expect, test } from 'vitest';
import { readEnv } from '../../src/core/env.ts';
import { startApp } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';
import { startInstance } from '../setup/instances.ts';

const app = await startApp({ env: { BACKGROUND: 'off' } });

interface Attribute {
  key: string;
  value: Record<string, unknown>;
}

interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: Attribute[];
  status: { code: number; message?: string };
}

interface Sent {
  resourceSpans: { resource: { attributes: Attribute[] }; scopeSpans: { spans: Span[] }[] }[];
}

interface Heard {
  path: string | undefined;
  headers: IncomingHttpHeaders;
  body: Sent;
}

/** A collector on a port of its own. */
async function collector({ answers }: { answers: boolean }) {
  const heard: Heard[] = [];
  const server = createServer(async (request, response) => {
    heard.push({ path: request.url, headers: request.headers, body: (await json(request)) as Sent });
    if (answers) response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard };
}

const valuesOf = (attributes: Attribute[]): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

const costOf = ({ extensions }: Awaited<ReturnType<Client['run']>>) =>
  extensions.cost as { requestedQueryCost: number; actualQueryCost: number };

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';
const part = (sampled: boolean, trace = TRACE) => ({
  headers: { traceparent: `00-${trace}-${PARENT}-0${Number(sampled)}` },
});

test('G44 an operation of a trace is one span with name, principal, cost, SQL and errors, and its line names the trace', async () => {
  const { url, heard } = await collector({ answers: true });
  const instance = await startInstance(app, {
    LOG_LEVEL: 'info',
    OTEL_EXPORTER_OTLP_ENDPOINT: `${url}/`,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-api-key=hush-collector',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=test',
    // What belongs to no trace is not sent, so that nothing else is in the way here.
    OTEL_TRACES_SAMPLER: 'parentbased_always_off',
  });
  const { client, clientFor } = instance;
  const before = Date.now();
  const open =
    'mutation OpenIt($input: LocationOpenInput!) { locationOpen(input: $input) { location { code } } }';
  const input = { code: 'HUSH', texts: [{ locale: 'en', name: 'hush-name' }] };
  const opened = await client.run(open, { input }, part(true));
  const long = `N${'n'.repeat(150)}`;
  const listed = await client.run(
    `query ${long} { locations(first: 5) { edges { node { id } } } }`,
    {},
    part(true),
  );
  await clientFor(null).run('{ locations(first: 5) { edges { node { id } } } }', {}, part(true));
  await app.sql('ALTER TABLE location RENAME TO location_away');
  await client.run('query Broken { locations(first: 5) { edges { node { id } } } }', {}, part(true));
  await app.sql('ALTER TABLE location_away RENAME TO location');
  await client.run('query Unsampled { viewer { id } }', {}, part(false));
  await client.run('query Malformed { viewer { id } }', {}, part(true, 'no trace'));
  await client.run('query Untraced { viewer { id } }');
  // An instance that is not told of the collector sends nothing.
  await app.admin.ok('query Elsewhere { viewer { id } }', {}, part(true));
  expect(await instance.end('SIGTERM')).toBe(0);
  const after = Date.now();

  expect(heard.map(({ path, headers }) => [path, headers['x-api-key']])).toEqual([
    ['/v1/traces', 'hush-collector'],
  ]);
  const { resource, scopeSpans } = heard[0]?.body.resourceSpans[0] ?? {};
  expect(valuesOf(resource?.attributes ?? [])).toMatchObject({
    'service.name': 'dayshift',
    'service.instance.id': expect.any(String),
    'deployment.environment': 'test',
  });
  const spans = scopeSpans?.flatMap((scope) => scope.spans) ?? [];
  for (const { startTimeUnixNano, endTimeUnixNano } of spans) {
    expect(Number(startTimeUnixNano) / 1e6).toBeGreaterThanOrEqual(before - 1);
    expect(Number(endTimeUnixNano)).toBeGreaterThan(Number(startTimeUnixNano));
    expect(Number(endTimeUnixNano) / 1e6).toBeLessThanOrEqual(after);
  }
  const staff = expect.stringMatching(/^STAFF:[0-9a-f-]{36}$/);
  const sql = {
    'dayshift.sql.statements': expect.any(Number),
    'dayshift.sql.milliseconds': expect.any(Number),
  };
  const span = (name: string, attributes: object, status: object = { code: 0 }) => ({
    traceId: TRACE,
    parentSpanId: PARENT,
    name,
    kind: 2,
    attributes,
    status,
  });
  expect(
    spans.map(({ traceId, parentSpanId, name, kind, attributes, status }) => ({
      traceId,
      parentSpanId,
      name,
      kind,
      attributes: valuesOf(attributes),
      status,
    })),
  ).toEqual([
    span('mutation OpenIt', {
      'graphql.operation.type': 'mutation',
      'graphql.operation.name': 'OpenIt',
      'dayshift.principal': staff,
      'dayshift.cost.requested': costOf(opened).requestedQueryCost,
      'dayshift.cost.actual': costOf(opened).actualQueryCost,
      ...sql,
    }),
    span(`query ${long.slice(0, 100)}`, {
      'graphql.operation.type': 'query',
      'graphql.operation.name': long.slice(0, 100),
      'dayshift.principal': staff,
      'dayshift.cost.requested': costOf(listed).requestedQueryCost,
      'dayshift.cost.actual': costOf(listed).actualQueryCost,
      ...sql,
    }),
    span('query', {
      'graphql.operation.type': 'query',
      'dayshift.principal': 'ANONYMOUS:127.0.0.1',
      'dayshift.cost.requested': costOf(listed).requestedQueryCost,
      'dayshift.sql.statements': 0,
      'dayshift.sql.milliseconds': 0,
      'dayshift.errors': { values: [{ stringValue: 'UNAUTHENTICATED' }] },
    }),
    span(
      'query Broken',
      {
        'graphql.operation.type': 'query',
        'graphql.operation.name': 'Broken',
        'dayshift.principal': staff,
        'dayshift.cost.requested': costOf(listed).requestedQueryCost,
        ...sql,
        'dayshift.errors': { values: [{ stringValue: 'INTERNAL' }] },
      },
      { code: 2, message: 'INTERNAL' },
    ),
  ]);
  expect(JSON.stringify(heard[0]?.body)).not.toMatch(/hush|locationOpen|edges/i);

  const lines = instance
    .output()
    .split('\n')
    .filter((row) => row.includes('"msg":"operation"'))
    .map((row) => JSON.parse(row) as { operation: string; traceId?: string });
  const named = lines.filter(({ operation }) => /^(OpenIt|Un|Mal)/.test(operation));
  expect(named.map(({ operation, traceId }) => [operation, traceId])).toEqual([
    ['OpenIt', TRACE],
    ['Unsampled', TRACE],
    ['Malformed', undefined],
    ['Untraced', undefined],
  ]);
  expect(instance.output()).not.toContain('hush');
}, 180_000);

test('G44 a collector that does not answer holds up neither operations nor the stop', async () => {
  const { url, heard } = await collector({ answers: false });
  const instance = await startInstance(app, {
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${url}/own`,
    OTEL_EXPORTER_OTLP_TIMEOUT: '60000',
    OTEL_SERVICE_NAME: 'day shift of a test',
    OTEL_TRACES_SAMPLER: 'always_on',
  });
  await instance.client.ok('query Traced { viewer { id } }');
  // After 25 s it would cut off what still runs, and fail.
  expect(await instance.end('SIGTERM')).toBe(0);
  expect(heard[0]?.path).toBe('/own');
  const [sent] = heard[0]?.body.resourceSpans ?? [];
  expect(valuesOf(sent?.resource.attributes ?? [])['service.name']).toBe('day shift of a test');
  // The start asks something itself, before anything is traced.
  expect(sent?.scopeSpans.flatMap(({ spans }) => spans.map(({ name }) => name))).toEqual(['query Traced']);
}, 180_000);

test('what is configured wrong is said before anything starts', () => {
  const wrong = () =>
    readEnv({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317',
      OTEL_TRACES_SAMPLER: 'jaeger_remote',
      OTEL_TRACES_SAMPLER_ARG: '2',
    });
  expect(wrong).toThrow(/OTEL_EXPORTER_OTLP_ENDPOINT +must be an http or https address/);
  expect(wrong).toThrow(/OTEL_TRACES_SAMPLER +Invalid option/);
  expect(wrong).toThrow(/OTEL_TRACES_SAMPLER_ARG +must be a number from 0 to 1/);
  const grpc = { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };
  expect(() => readEnv({ ...endpoint, ...grpc })).toThrow(/OTEL_EXPORTER_OTLP_PROTOCOL +must be http\/json/);
  expect(readEnv(grpc).OTEL_TRACES_SAMPLER).toBe('parentbased_traceidratio');
  expect(() =>
    readEnv({ ...endpoint, ...grpc, OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json' }),
  ).not.toThrow();
});
