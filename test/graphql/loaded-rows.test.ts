// Fields that answer from rows that were loaded with their parents: the same as if each were asked for alone.

import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';

const app = await startApp({ env: { SAMPLE: 'on', BACKGROUND: 'off' } });

type List<Node> = { edges: { node: Node }[] };
const nodes = <Node>({ edges }: List<Node>): Node[] => edges.map(({ node }) => node);

test('a row that one field loaded for itself does not answer for the fields of another', async () => {
  interface Listing {
    product: { id: string; publishedVersion: { submittedAt: string | null } | null };
  }
  const both = await app.admin.ok<{ listings: List<Listing> }>(
    `{ listings(first: 5) { edges { node {
      named: product { name }
      product { id publishedVersion { submittedAt } versions(first: 2) { edges { node { texts { description } } } } }
    } } } }`,
  );
  const alone = await app.admin.ok<{ listings: List<Listing> }>(
    '{ listings(first: 5) { edges { node { product { id publishedVersion { submittedAt } } } } } }',
  );
  const facts = ({ listings }: { listings: List<Listing> }) =>
    nodes(listings).map(({ product }) => [product.id, product.publishedVersion]);
  expect(facts(both)).toEqual(facts(alone));
  expect(facts(alone).filter(([, version]) => version !== null).length).toBeGreaterThan(0);
});

test('a list that another field reads with a filter is read anew for whoever asks for all of it', async () => {
  const document = `{ shipments(first: 10) { edges { node {
    allowedActions { reason }
    order { number holds(first: 4) { totalCount edges { node { id } } } allowedActions { action } }
  } } } }`;
  interface Shipment {
    order: { number: string; holds: List<{ id: string }> & { totalCount: number } } | null;
  }
  const { shipments } = await app.admin.ok<{ shipments: List<Shipment> }>(document);
  expect(nodes(shipments).length).toBeGreaterThan(0);
  for (const { order } of nodes(shipments)) expect(order?.holds.edges.length).toBe(order?.holds.totalCount);
});

test('one list under two names has the rows of each, and their totals', async () => {
  interface Order {
    one: List<{ sku: string }> & { totalCount: number };
    more: List<{ sku: string }>;
  }
  const { orders } = await app.admin.ok<{ orders: List<Order> }>(
    `{ orders(first: 30) { edges { node {
      one: lines(first: 1) { totalCount edges { node { sku } } }
      more: lines(first: 50) { edges { node { sku } } }
    } } } }`,
  );
  for (const { one, more } of nodes(orders)) {
    expect(nodes(one)).toEqual(nodes(more).slice(0, 1));
    expect(one.totalCount).toBe(more.edges.length);
  }
  expect(nodes(orders).some(({ more }) => more.edges.length > 1)).toBe(true);
});

test('a list that another field reads in part is read anew for whoever asks for whole rows of it', async () => {
  interface Listing {
    product: { publishedVersion: { description: string } | null };
  }
  const [both, alone] = await Promise.all(
    ['named: product { name publishedVersion { number } }', ''].map((named) =>
      app.admin.ok<{ listings: List<Listing> }>(`{ listings(first: 20) { edges { node {
        ${named}
        product { publishedVersion { description } versions(first: 2) { edges { node { state } } } }
      } } } }`),
    ),
  );
  const described = (answer: { listings: List<Listing> } | undefined) =>
    answer ? nodes(answer.listings).map(({ product }) => product.publishedVersion?.description) : [];
  expect(described(both)).toEqual(described(alone));
  expect(described(alone).filter(Boolean).length).toBeGreaterThan(0);
});
