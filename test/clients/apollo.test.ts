// Apollo Client on this API as a front end sets it up: a normalised cache, pages that grow, a socket for feeds.

import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { relayStylePagination } from '@apollo/client/utilities';
import { OperationTypeNode } from 'graphql';
import { createClient } from 'graphql-ws';
import { afterAll, expect, test } from 'vitest';
import WebSocket from 'ws';
import { startApp } from '../setup/app.ts';

const { admin, given, url, wsUrl } = await startApp();

const authorization = `Bearer ${admin.token}`;
const socket = createClient({ url: wsUrl, webSocketImpl: WebSocket, connectionParams: { authorization } });
const client = new ApolloClient({
  cache: new InMemoryCache({
    possibleTypes: {
      UserError: ['InputError', 'InsufficientStock', 'StaleQuantity', 'ExternalReferenceTaken'],
    },
    typePolicies: { Query: { fields: { locations: relayStylePagination() } } },
  }),
  link: ApolloLink.split(
    ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
    new GraphQLWsLink(socket),
    new HttpLink({ uri: url, headers: { authorization } }),
  ),
});

afterAll(async () => {
  client.stop();
  await socket.dispose();
});

interface Locations {
  locations: {
    edges: { node: { __typename: string; id: string; name: string } }[];
    pageInfo: { hasNextPage: boolean; endCursor: string };
  };
}

const LIST = gql`
  query Locations($first: Int!, $after: String) {
    locations(first: $first, after: $after) { edges { node { id name } } pageInfo { hasNextPage endCursor } }
  }
`;

test('G45 Apollo Client reads pages that its cache joins to one list', async () => {
  for (let i = 0; i < 7; i++) await given.location({ code: `apollo-${i}` });
  let variables: { first: number; after?: string } = { first: 3 };
  for (;;) {
    const { data } = await client.query<Locations>({ query: LIST, variables, fetchPolicy: 'network-only' });
    if (!data?.locations.pageInfo.hasNextPage) break;
    variables = { first: 3, after: data.locations.pageInfo.endCursor };
  }
  const whole = client.readQuery<Locations>({ query: LIST, variables: { first: 3 } });
  expect(whole?.locations.edges).toHaveLength(7);
});

test('G45 Apollo Client’s cache shows what a mutation changed, wherever the object was read before', async () => {
  const id = await given.location({ name: 'Before' });
  const ONE = gql`query One($id: ID!) { node(id: $id) { id ... on Location { name version } } }`;
  const seen: unknown[] = [];
  const watched = client
    .watchQuery<{ node: { name: string } }>({ query: ONE, variables: { id } })
    .subscribe(({ data }) => {
      if (data?.node) seen.push((data.node as { name: string }).name);
    });
  await expect.poll(() => seen).toEqual(['Before']);
  await client.mutate({
    mutation: gql`
      mutation Rename($input: LocationChangeInput!) {
        locationChange(input: $input) { location { id name version } userErrors { code message path } }
      }
    `,
    variables: { input: { locationId: id, expectedVersion: 1, texts: [{ locale: 'en', name: 'After' }] } },
  });
  await expect.poll(() => seen).toEqual(['Before', 'After']);
  watched.unsubscribe();
});

test('G45 Apollo Client reads user errors by their interface', async () => {
  const { data } = await client.mutate<{ locationOpen: { userErrors: object[] } }>({
    mutation: gql`
      mutation Open($input: LocationOpenInput!) {
        locationOpen(input: $input) { location { id } userErrors { code path ... on InsufficientStock { lines { line } } } }
      }
    `,
    variables: { input: { code: 'Not a code', texts: [{ locale: 'en', name: 'x' }] } },
  });
  expect(data?.locationOpen.userErrors).toMatchObject([
    { __typename: 'InputError', code: 'INVALID', path: ['input', 'code'] },
  ]);
});

test('G45 Apollo Client follows a feed over graphql-ws, and its cache has each object as it is now', async () => {
  const { variantId, locationId } = await given.stockedVariant({ onHand: 0 });
  const items: { type: string; stock: { id: string; onHand: number } | null }[] = [];
  const FEED = gql`subscription Stock { stockEvents { type cursor stock { id onHand } } }`;
  const feed = client
    .subscribe<{ stockEvents: (typeof items)[number] }>({ query: FEED })
    .subscribe(({ data }) => {
      if (data) items.push(data.stockEvents);
    });
  await expect.poll(() => items.map(({ type }) => type)).toEqual(['heartbeat']);
  await given.receive(variantId, locationId, 5);
  await expect.poll(() => items.map(({ type }) => type)).toContain('stock.received');
  const item = items.find(({ type }) => type === 'stock.received');
  const cached = client.cache.extract() as Record<string, { onHand?: number }>;
  expect(cached[`Stock:${item?.stock?.id}`]).toMatchObject({ onHand: 5 });
  feed.unsubscribe();
});
