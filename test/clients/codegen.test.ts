// graphql-codegen on this API: the client preset types every operation, TypeScript accepts them, and they run.

import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { generate } from '@graphql-codegen/cli';
import { print } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import { printedSchema } from '../setup/print-schema.ts';
import { project } from '../setup/source.ts';

const { admin, given } = await startApp();

const OPERATIONS = `
  query Locations($first: Int) { locations(first: $first) { edges { node { ...LocationName } } totalCount } }
  fragment LocationName on Location { id code name }
  mutation Receive($input: StockReceiveInput!) {
    stockReceive(input: $input) {
      stocks { id onHand sellable }
      userErrors { __typename code message path ... on InsufficientStock { lines { line requested available } } }
    }
  }
  query Orders($where: OrderWhere) { orders(where: $where) { edges { node { number total { amount currency } placedAt } } } }
  subscription Stock($filter: StockEventFilter, $after: EventCursor) { stockEvents(filter: $filter, after: $after) { cursor type stock { onHand } } }
`;

/** Uses of the generated types, right ones and one wrong one in each expectation. */
const USES = `
import { type LocationsQuery, type LocationsQueryVariables, type ReceiveMutationVariables, ErrorCode, LocationsDocument } from './graphql.ts';
const variables: LocationsQueryVariables = { first: 3 };
export const codes = (data: LocationsQuery): number => data.locations.edges.length + (variables.first ?? 0);
export const document: typeof LocationsDocument = LocationsDocument;
// @ts-expect-error a number is not what first is made of
export const wrong: LocationsQueryVariables = { first: 'three' };
// @ts-expect-error the idempotency key is required
export const keyless: ReceiveMutationVariables = { input: { locationId: 'x', lines: [] } };
export const stale = 'STALE_VERSION' satisfies \`\${ErrorCode}\`;
`;

let folder: string;

beforeAll(async () => {
  await mkdir(join(project, 'node_modules/.cache'), { recursive: true });
  folder = await mkdtemp(join(project, 'node_modules/.cache/dayshift-codegen-'));
  await writeFile(join(folder, 'schema.graphql'), printedSchema());
  await writeFile(join(folder, 'operations.graphql'), OPERATIONS);
  await generate(
    {
      schema: join(folder, 'schema.graphql'),
      documents: join(folder, 'operations.graphql'),
      generates: {
        [`${folder}/generated/`]: {
          preset: 'client',
          presetConfig: { fragmentMasking: false },
          config: {
            enumsAsTypes: true,
            useTypeImports: true,
            strictScalars: true,
            scalars: { DateTime: 'string', Decimal: 'string', EventCursor: 'string', JSON: 'unknown' },
          },
        },
      },
      silent: true,
    },
    true,
  );
  await writeFile(join(folder, 'generated/uses.ts'), USES);
}, 60_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

test('G45 the generated types are accepted by TypeScript and refuse what the schema refuses', async () => {
  const options = [
    '--noEmit',
    '--strict',
    '--skipLibCheck',
    '--module',
    'nodenext',
    '--moduleResolution',
    'nodenext',
    '--target',
    'esnext',
    '--allowImportingTsExtensions',
  ];
  const compiler = join(project, 'node_modules/typescript/bin/tsc');
  const files = [join(folder, 'generated/graphql.ts'), join(folder, 'generated/uses.ts')];
  const { stdout, status } = spawnSync(process.execPath, [compiler, ...options, '--ignoreConfig', ...files], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(stdout).toBe('');
  expect(status).toBe(0);
});

test('G45 the generated documents run against the server', async () => {
  const { variantId, locationId } = await given.stockedVariant({ onHand: 2 });
  const file = join(folder, 'generated/graphql.ts');
  expect(await readFile(file, 'utf8')).toContain('LocationsDocument');
  const documents = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Record<
    string,
    Parameters<typeof print>[0]
  >;
  const text = (name: string) => print(documents[name] as Parameters<typeof print>[0]);
  const { locations } = await admin.ok<{ locations: { edges: object[] } }>(text('LocationsDocument'), {
    first: 3,
  });
  expect(locations.edges).toMatchObject([{ node: { id: locationId } }]);
  const input = { idempotencyKey: crypto.randomUUID(), locationId, lines: [{ variantId, quantity: 3 }] };
  const { stockReceive } = await admin.ok<{ stockReceive: object }>(text('ReceiveDocument'), { input });
  expect(stockReceive).toMatchObject({ stocks: [{ onHand: 5, sellable: 5 }] });
  await admin.ok(text('OrdersDocument'), { where: {} });
  const stream = admin.subscribe<{ stockEvents: { type: string } }>(text('StockDocument'), { filter: {} });
  expect((await stream.next()).stockEvents.type).toBe('heartbeat');
});
