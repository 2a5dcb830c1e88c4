// Files of past orders as tests make them, uploaded through the public door and waited for.

import { setTimeout as sleep } from 'node:timers/promises';
import type { App } from '../setup/app.ts';
import type { Client } from '../setup/client.ts';
import { uniqueName } from '../setup/given.ts';

export const HEADER = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';

/** The values of a line; what is not given is a sale of one unit to a customer. */
export interface Row {
  invoice: string;
  code?: string;
  description?: string;
  quantity?: number | string;
  date?: string;
  price?: string;
  customer?: string;
  country?: string;
}

const quoted = (value: string): string => (/[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

export const lineOf = ({
  invoice,
  code = '22423',
  description = 'REGENCY CAKESTAND 3 TIER',
  quantity = 1,
  date = '2010-12-01 08:26:00',
  price = '12.75',
  customer = '17850.0',
  country = 'United Kingdom',
}: Row): string =>
  [invoice, code, description, String(quantity), date, price, customer, country].map(quoted).join(',');

/** A file with these lines; a text is a line as it stands. */
export const csvOf = (...rows: (Row | string)[]): string =>
  `${[HEADER, ...rows.map((row) => (typeof row === 'string' ? row : lineOf(row)))].join('\n')}\n`;

const IMPORT = `id state fileName lineCount linesRead linesImported linesRejected failure failureDetail version
  original { id } outcomes { outcome isRejected lines units amount { amount } }
  problems(first: 100) { totalCount edges { node { line outcome reason text } } }`;

export interface ImportState {
  id: string;
  state: string;
  lineCount: number | null;
  linesRead: number;
  linesImported: number;
  linesRejected: number;
  failure: string | null;
  failureDetail: string | null;
  version: number;
  original: { id: string } | null;
  outcomes: {
    outcome: string;
    isRejected: boolean;
    lines: number;
    units: number;
    amount: { amount: string };
  }[];
  problems: {
    totalCount: number;
    edges: { node: { line: number; outcome: string; reason: string; text: string } }[];
  };
}

export interface ImportedOrder {
  id: string;
  number: string;
  state: string;
  paymentState: string;
  fulfilmentState: string;
  externalReference: string;
  placedAt: string;
  cancelledAt: string | null;
  version: number;
  total: { amount: string; currency: string };
  freight: { amount: string };
  customer: { externalReference: string } | null;
  contact: { name: string; masked: boolean; address: { country: string; region: string | null } };
  lines: {
    edges: {
      node: {
        sku: string;
        name: string;
        quantity: number;
        cancelled: number;
        dispatched: number;
        unitPrice: { amount: string };
        total: { amount: string };
        variant: { id: string };
      };
    }[];
  };
}

const ORDER = `id number state paymentState fulfilmentState externalReference placedAt cancelledAt version
  total { amount currency } freight { amount } customer { externalReference }
  contact { name masked address { country region } }
  lines(first: 20) { edges { node { sku name quantity cancelled dispatched unitPrice { amount } total { amount } variant { id } } } }`;

/** Imports into the stores of an app. */
export function importingIn(app: App) {
  const importing = {
    /** A store that sells in pounds, by the clock of London. */
    store: (wishes: object = {}) =>
      app.given.store({
        code: uniqueName('shop'),
        currencies: ['GBP'],
        timeZone: 'Europe/London',
        ...wishes,
      }),

    async request(storeId: string, wishes: object = {}, by: Client = app.admin) {
      const { uploadUrl, orderImport } = await by.act<{ uploadUrl: string; orderImport: { id: string } }>(
        'orderImportRequest',
        { storeId, ...wishes },
        'uploadUrl orderImport { id state }',
      );
      return { id: orderImport.id, url: `${app.origin}${uploadUrl}` };
    },

    put: (url: string, body: string | Uint8Array) => fetch(url, { method: 'PUT', body: body as BodyInit }),

    /** Upload a file and wait until its import is over. */
    async run(storeId: string, file: string | Uint8Array, wishes: object = {}): Promise<ImportState> {
      const { id, url } = await importing.request(storeId, wishes);
      const response = await importing.put(url, file);
      if (response.status !== 202) throw new Error(`the upload was answered ${response.status}`);
      return importing.over(id);
    },

    async read(id: string, by: Client = app.admin): Promise<ImportState> {
      const { node } = await by.ok<{ node: ImportState }>(
        `query ($id: ID!) { node(id: $id) { ... on OrderImport { ${IMPORT} } } }`,
        { id },
      );
      return node;
    },

    async over(id: string): Promise<ImportState> {
      for (const deadline = Date.now() + 60_000; ; await sleep(50)) {
        const state = await importing.read(id);
        if (['COMPLETED', 'FAILED', 'DUPLICATE'].includes(state.state)) return state;
        if (Date.now() > deadline) throw new Error(`the import is not over: ${JSON.stringify(state)}`);
      }
    },

    /** What became of how many lines. */
    counts: ({ outcomes }: ImportState): Record<string, number> =>
      Object.fromEntries(outcomes.map(({ outcome, lines }) => [outcome, lines])),

    /** Orders of a store by their invoices, however many. */
    async orders(storeId: string): Promise<Map<string, ImportedOrder>> {
      const { orders } = await app.admin.ok<{ orders: { edges: { node: ImportedOrder }[] } }>(
        `query ($storeId: ID!) { orders(first: 50, where: { storeId: $storeId }) { edges { node { ${ORDER} } } } }`,
        { storeId },
      );
      return new Map(orders.edges.map(({ node }) => [node.externalReference, node]));
    },
  };
  return importing;
}

/** The one order of an invoice. */
export function orderOf(orders: ReadonlyMap<string, ImportedOrder>, invoice: string): ImportedOrder {
  const order = orders.get(invoice);
  if (!order) throw new Error(`there is no order of invoice ${invoice}`);
  return order;
}

export const linesOf = (order: ImportedOrder) => order.lines.edges.map(({ node }) => node);
