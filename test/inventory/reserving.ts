// Reserving stock as callers of the API do, and what is left to others.

import type { App } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';
import { newKey } from '../setup/given.ts';

export interface Reserved {
  id: string;
  state: string;
  expiresAt: string;
  heldSince: string;
  endedAt: string | null;
  version: number;
  lines: { quantity: number; variant: { id: string } }[];
}

interface Wanted {
  variantId: string;
  quantity: number;
}

const RESERVATION = 'id state expiresAt heldSince endedAt version lines { quantity variant { id } }';

export function reservingIn(app: App) {
  const reserving = {
    input: (storeId: string, lines: readonly Wanted[], wishes: object = {}) => ({
      idempotencyKey: newKey(),
      storeId,
      lines,
      ...wishes,
    }),

    async reserve(by: Client, storeId: string, lines: readonly Wanted[], wishes: object = {}) {
      const { stockReservation } = await by.act<{ stockReservation: Reserved }>(
        'stockReserve',
        reserving.input(storeId, lines, wishes),
        `stockReservation { ${RESERVATION} }`,
      );
      return stockReservation;
    },

    async release(by: Client, id: string) {
      const { stockReservation } = await by.act<{ stockReservation: Reserved }>(
        'stockReservationRelease',
        { stockReservationId: id },
        `stockReservation { ${RESERVATION} }`,
      );
      return stockReservation;
    },

    async own(by: Client, where: object = {}): Promise<Reserved[]> {
      const { viewerStockReservations: list } = await by.ok<{
        viewerStockReservations: { edges: { node: Reserved }[] };
      }>(
        `query ($where: ViewerStockReservationWhere) { viewerStockReservations(where: $where) { edges { node { ${RESERVATION} } } } }`,
        { where },
      );
      return list.edges.map(({ node }) => node);
    },

    /** A reservation as somebody sees it; null when they do not. */
    async seen(by: Client, id: string): Promise<Reserved | null> {
      const { node } = await by.ok<{ node: Reserved | null }>(
        `query ($id: ID!) { node(id: $id) { ... on StockReservation { ${RESERVATION} } } }`,
        { id },
      );
      return node;
    },

    /** Units of a variant that a store can sell, as somebody is told. */
    async available(by: Client, storeId: string, variantId: string): Promise<number> {
      const { node } = await by.ok<{ node: { availability: { quantity: number; inStock: boolean } } }>(
        `query ($id: ID!, $storeId: ID!) { node(id: $id) { ... on Variant {
          availability(storeId: $storeId) { quantity inStock } } } }`,
        { id: variantId, storeId },
      );
      return node.availability.quantity;
    },

    /** What colleagues see of the stocks of a variant, by location in their order. */
    async stocks(variantId: string) {
      const { node } = await app.admin.ok<{
        node: {
          stocks: {
            edges: {
              node: {
                reserved: number;
                sellable: number;
                allocated: number;
                soldOut: boolean;
                version: number;
              };
            }[];
          };
        };
      }>(
        `query ($id: ID!) { node(id: $id) { ... on Variant { stocks(first: 100) { edges { node {
          reserved sellable allocated soldOut version } } } } } }`,
        { id: variantId },
      );
      return node.stocks.edges.map((edge) => edge.node);
    },
  };
  return reserving;
}
