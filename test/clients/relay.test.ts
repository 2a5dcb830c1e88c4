// Relay on this API: its compiler accepts the schema, its runtime pages a connection and refetches by id.

import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as relay from 'relay-runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import { printedSchema } from '../setup/print-schema.ts';

const { Environment, Network, RecordSource, Store, createOperationDescriptor, fetchQuery } = relay;
const app = await startApp();
const { admin, given } = app;

const SOURCE = `
import { graphql } from 'relay-runtime';
export const page = graphql\`
  query shelvesPageQuery($first: Int!) { ...shelves_list @arguments(first: $first) }
\`;
export const list = graphql\`
  fragment shelves_list on Query
  @argumentDefinitions(first: { type: "Int", defaultValue: 10 }, after: { type: "String" })
  @refetchable(queryName: "shelvesListPaginationQuery") {
    locations(first: $first, after: $after) @connection(key: "shelves_locations") {
      edges { node { id code ...shelves_item } }
    }
  }
\`;
export const item = graphql\`
  fragment shelves_item on Location @refetchable(queryName: "shelvesItemRefetchQuery") { id name version }
\`;
export const open = graphql\`
  mutation shelvesOpenMutation($input: LocationOpenInput!) {
    locationOpen(input: $input) {
      location { ...shelves_item }
      userErrors { __typename code message path ... on InsufficientStock { lines { line requested available } } }
    }
  }
\`;
export const feed = graphql\`
  subscription shelvesStockSubscription($after: EventCursor) { stockEvents(after: $after) { cursor type stock { id onHand } } }
\`;
`;

type Artifact = relay.ConcreteRequest;
let folder: string;
const artifacts: Record<string, Artifact> = {};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dayshift-relay-'));
  await mkdir(join(folder, 'src'));
  await writeFile(join(folder, 'src/shelves.ts'), SOURCE);
  await writeFile(join(folder, 'schema.graphql'), printedSchema());
  const config = {
    src: './src',
    schema: './schema.graphql',
    language: 'typescript',
    eagerEsModules: true,
  };
  await writeFile(join(folder, 'relay.config.json'), JSON.stringify(config));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test('G45 relay-compiler accepts the schema with connections, refetchable fragments, mutations and subscriptions', async () => {
  const compiler = createRequire(import.meta.url).resolve('relay-compiler/cli.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [compiler], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(`${stdout}${stderr}`).not.toMatch(/error/i);
  expect(status).toBe(0);
  const names = [
    'shelvesPageQuery',
    'shelvesListPaginationQuery',
    'shelvesItemRefetchQuery',
    'shelvesOpenMutation',
    'shelvesStockSubscription',
  ];
  for (const name of names) {
    const file = join(folder, 'src/__generated__', `${name}.graphql.ts`);
    expect(await readFile(file, 'utf8')).toContain('ConcreteRequest');
    artifacts[name] = (
      (await import(/* @vite-ignore */ pathToFileURL(file).href)) as { default: Artifact }
    ).default;
  }
});

const fetchOverHttp: relay.FetchFunction = async ({ text }, variables) => {
  const { data, errors } = await admin.run(text ?? '', variables);
  return { data, ...(errors.length > 0 ? { errors } : {}) } as relay.GraphQLResponse;
};

const environment = new Environment({
  network: Network.create(fetchOverHttp),
  store: new Store(new RecordSource()),
});

const artifact = (name: string): Artifact => {
  const found = artifacts[name];
  if (!found) throw new Error(`${name} was not compiled`);
  return found;
};

/** Codes of the locations that the store joined to one connection. */
function joined(): string[] {
  const records = environment.getStore().getSource().toJSON() as Record<
    string,
    Record<string, { __refs?: string[]; __ref?: string } & string>
  >;
  const connection = records['client:root:__shelves_locations_connection'];
  return (connection?.edges?.__refs ?? []).map((edge) => {
    const node = records[edge]?.node?.__ref ?? '';
    return String(records[node]?.code);
  });
}

test('G45 relay-runtime pages forward and joins the pages', async () => {
  for (let i = 0; i < 5; i++) await given.location({ code: `relay-${i}` });
  await fetchQuery(environment, artifact('shelvesPageQuery'), { first: 2 }).toPromise();
  expect(joined()).toEqual(['relay-0', 'relay-1']);
  for (let after = await endCursor(); after; after = await endCursor()) {
    const operation = createOperationDescriptor(artifact('shelvesListPaginationQuery'), { first: 2, after });
    environment.retain(operation);
    await environment.execute({ operation }).toPromise();
    if (joined().length >= 5) break;
  }
  expect(joined()).toEqual(['relay-0', 'relay-1', 'relay-2', 'relay-3', 'relay-4']);
});

async function endCursor(): Promise<string | null> {
  const records = environment.getStore().getSource().toJSON() as Record<string, Record<string, unknown>>;
  const pageInfo = records['client:root:__shelves_locations_connection:pageInfo'];
  return pageInfo?.hasNextPage ? String(pageInfo.endCursor) : null;
}

test('G45 relay-runtime refetches one object by its id', async () => {
  const id = await given.location({ name: 'Refetched' });
  const response = (await fetchQuery(environment, artifact('shelvesItemRefetchQuery'), {
    id,
  }).toPromise()) as { node: object };
  const record = environment.getStore().getSource().get(id) as Record<string, unknown> | undefined;
  expect(response.node).toBeDefined();
  expect(record).toMatchObject({ __typename: 'Location', name: 'Refetched', version: 1 });
});
