// urql on this API: queries, mutations and a feed over graphql-ws.

import {
  Client,
  cacheExchange,
  fetchExchange,
  gql,
  type OperationResult,
  subscriptionExchange,
} from '@urql/core';
import { createClient } from 'graphql-ws';
import { afterAll, expect, test } from 'vitest';
import WebSocket from 'ws';
import { startApp } from '../setup/app.ts';

const { admin, given, url, wsUrl } = await startApp();

const authorization = `Bearer ${admin.token}`;
const socket = createClient({ url: wsUrl, webSocketImpl: WebSocket, connectionParams: { authorization } });
const client = new Client({
  url,
  preferGetMethod: false,
  fetchOptions: { headers: { authorization } },
  exchanges: [
    cacheExchange,
    fetchExchange,
    subscriptionExchange({
      forwardSubscription: ({ query = '', variables }) => ({
        subscribe: (sink) => ({
          unsubscribe: socket.subscribe({ query, variables: variables as never }, sink as never),
        }),
      }),
    }),
  ],
});

afterAll(() => socket.dispose());

interface Page {
  locations: {
    edges: { node: { id: string; code: string } }[];
    pageInfo: { hasNextPage: boolean; endCursor: string | null };
  };
}

const LIST = gql<Page, { first: number; after?: string | null }>`
  query Locations($first: Int!, $after: String) {
    locations(first: $first, after: $after) { edges { node { id code } } pageInfo { hasNextPage endCursor } }
  }
`;

test('G45 urql reads a list page by page', async () => {
  for (let i = 0; i < 5; i++) await given.location({ code: `urql-${i}` });
  const codes: string[] = [];
  let after: string | null = null;
  for (;;) {
    const answer: OperationResult<Page> = await client.query(LIST, { first: 2, after });
    expect(answer.error).toBeUndefined();
    codes.push(...(answer.data?.locations.edges.map(({ node }) => node.code) ?? []));
    if (!answer.data?.locations.pageInfo.hasNextPage) break;
    after = answer.data.locations.pageInfo.endCursor;
  }
  expect(codes).toEqual(['urql-0', 'urql-1', 'urql-2', 'urql-3', 'urql-4']);
});

test('G45 urql reads by GET as well, and its cache reads anew after a mutation of the type', async () => {
  const first = await client.query(LIST, { first: 50 }, { preferGetMethod: 'force' });
  const before = first.data?.locations.edges.length ?? 0;
  const OPEN = gql<{ locationOpen: { location: { id: string }; userErrors: object[] } }>`
    mutation Open($input: LocationOpenInput!) {
      locationOpen(input: $input) { location { __typename id code } userErrors { code message path } }
    }
  `;
  const input = { code: 'urql-opened', texts: [{ locale: 'en', name: 'x' }] };
  const opened = await client.mutation(OPEN, { input });
  expect(opened.data?.locationOpen.userErrors).toEqual([]);
  await expect
    .poll(async () => (await client.query(LIST, { first: 50 })).data?.locations.edges.length)
    .toBe(before + 1);
});

test('G45 urql tells errors of the request with their codes', async () => {
  const { error } = await client.query(
    gql`query Bad($after: String) { locations(after: $after) { totalCount } }`,
    { after: 'x' },
  );
  expect(error?.graphQLErrors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT' });
});

test('G45 urql follows a feed over graphql-ws', async () => {
  const { variantId, locationId } = await given.stockedVariant({ onHand: 0 });
  const types: string[] = [];
  const FEED = gql<{ stockEvents: { type: string } }>`subscription Stock { stockEvents { type cursor } }`;
  const { unsubscribe } = client.subscription(FEED, {}).subscribe(({ data }) => {
    if (data) types.push(data.stockEvents.type);
  });
  await expect.poll(() => types).toEqual(['heartbeat']);
  await given.receive(variantId, locationId, 3);
  await expect.poll(() => types).toEqual(['heartbeat', 'stock.received', 'stock.backInStock']);
  unsubscribe();
});
