// Imports of past orders: asked for here, uploaded by PUT, followed by their counts and by what was not taken over.

import { db } from '../../core/db.ts';
import { builder, enumType } from '../../graphql/builder.ts';
import { byMoment, list, nestedList } from '../../graphql/connection.ts';
import { mutation } from '../../graphql/payload.ts';
import { timeline } from '../../graphql/timeline.ts';
import { orNull, shows } from '../../graphql/withheld.ts';
import { importScope, seesImport, visibleImports } from '../access.ts';
import { IMPORT_PROBLEMS_MAX } from '../actions/import-batch.ts';
import { requestImport } from '../actions/order-imports.ts';
import { orderImportRequestInput, orderImportWhere } from '../inputs/import.ts';
import { importUploadPath } from '../rules/import-files.ts';
import type { OutcomeSums, Sums } from '../rules/import-invoices.ts';
import {
  type ImportFailure,
  type ImportOutcome,
  importFailures,
  importOutcomes,
  isTaken,
  orderImportStates,
} from '../texts.ts';

const State = enumType('OrderImportState', 'Where an import of orders is.', orderImportStates);
const Failure = enumType('OrderImportFailure', 'Why an import as a whole failed.', importFailures);
const Outcome = enumType('OrderImportOutcome', 'What became of a line of an imported file.', importOutcomes);

interface OutcomeCount extends OutcomeSums {
  outcome: ImportOutcome;
  currency: string;
}

const OutcomeCountType = builder.objectRef<OutcomeCount>('OrderImportOutcomeCount').implement({
  description: 'How many lines of an imported file became the same.',
  fields: (t) => ({
    outcome: t.expose('outcome', { type: Outcome, description: 'What became of them.' }),
    isRejected: t.boolean({
      description: 'True when nothing of them was taken over.',
      resolve: ({ outcome }) => !isTaken(outcome),
    }),
    lines: t.exposeInt('lines', { description: 'How many lines.' }),
    units: t.float({
      description:
        'Σ units, as far as they could be read; those that were taken back and written off count as well.',
      resolve: ({ units }) => units,
    }),
    amount: t.field({
      type: 'Money',
      description: 'Σ units × price as the file has them.',
      resolve: ({ amountMinor, currency }) => ({ minor: BigInt(amountMinor), currency }),
    }),
  }),
});

builder.prismaNode('OrderImportProblem', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: ({ orderImport }, { actor }) => seesImport(actor, orderImport),
  select: { id: true, orderImport: { select: importScope } },
  fields: (t) => ({
    line: t.exposeInt('position', { description: 'Line of the file where it begins; the header is line 1.' }),
    outcome: t.field({
      type: Outcome,
      description: 'What became of it.',
      select: { outcome: true },
      resolve: ({ outcome }) => outcome as ImportOutcome,
    }),
    reason: t.string({
      description: 'The same for people, in the language of the request.',
      select: { outcome: true },
      resolve: ({ outcome }, _args, { actor }) => importOutcomes[outcome as ImportOutcome][actor.locale],
    }),
    text: t.exposeString('text', { description: 'The line as it stands in the file, cut where it is long.' }),
  }),
});

builder.prismaNode('OrderImport', {
  id: { field: 'id', description: 'Global id.' },
  authScopes: (row, { actor }) => seesImport(actor, row),
  select: { id: true, ...importScope },
  fields: (t) => ({
    store: t.relation('store', { description: 'Store whose orders they are.', ...shows }),
    partner: t.relation('partner', {
      nullable: true,
      description:
        'The partner whose program imports; null for an import by staff, and for those without `partners.read`.',
      ...orNull({ can: 'partners.read' }),
    }),
    state: t.expose('state', { type: State, description: 'Where the import is.' }),
    fileName: t.exposeString('fileName', { nullable: true }),
    byteCount: t.float({
      nullable: true,
      description: 'Size of the file in bytes; null before it was uploaded.',
      select: { byteCount: true },
      resolve: ({ byteCount }) => (byteCount === null ? null : Number(byteCount)),
    }),
    lineCount: t.exposeInt('lineCount', {
      nullable: true,
      description:
        'Lines of the file, its header left out; a value with line breaks in quotes lies within one line. Null until it was read through once, before anything is written.',
    }),
    linesRead: t.exposeInt('linesRead', {
      description: 'Lines that are done with: each was imported or rejected.',
    }),
    linesImported: t.exposeInt('linesImported', { description: 'Lines that were taken over.' }),
    linesRejected: t.exposeInt('linesRejected', {
      description: 'Lines of which nothing was taken over, each for a reason.',
    }),
    outcomes: t.field({
      type: [OutcomeCountType],
      description: 'What became of all lines that are done with. The counts sum to `linesRead`.',
      select: { outcomes: true, store: { select: { currencies: true } } },
      resolve: ({ outcomes, store }) =>
        (Object.keys(importOutcomes) as ImportOutcome[]).flatMap((outcome) => {
          const sums = (outcomes as Sums)[outcome];
          return sums ? [{ ...sums, outcome, currency: store.currencies[0] ?? '' }] : [];
        }),
    }),
    problems: nestedList(t, {
      type: 'OrderImportProblem',
      description: `Lines that were rejected, or cancelled in part, in the order of the file: the first ${IMPORT_PROBLEMS_MAX.toLocaleString('en')}. \`outcomes\` counts all.`,
      relation: 'problems',
      ordering: [
        ['position', 'asc'],
        ['id', 'asc'],
      ],
      count: ({ id }) => db.orderImportProblem.count({ where: { orderImportId: id } }),
    }),
    failure: t.field({
      type: Failure,
      nullable: true,
      description: 'Why it failed; null unless it did.',
      select: { failure: true },
      resolve: ({ failure }) => failure as ImportFailure | null,
    }),
    failureDetail: t.exposeString('failureDetail', {
      nullable: true,
      description: 'What of the file shows it: the columns that its header lacks, the line in which it ends.',
    }),
    original: t.field({
      type: 'OrderImport' as never,
      nullable: true,
      description:
        'The import that takes, or took, the same content: this one changes nothing. Null where the caller may not see it.',
      select: (_args, _context, nested) => ({ original: nested(true) }) as never,
      resolve: (row, _args, { actor }) => {
        const { original } = row as unknown as { original: Parameters<typeof seesImport>[1] | null };
        return (original && seesImport(actor, original) ? original : null) as never;
      },
    }),
    startedAt: t.expose('startedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When its first line was taken over.',
    }),
    finishedAt: t.expose('finishedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was completed, failed or found to be a duplicate.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was asked for.' }),
    timeline: timeline(t),
    version: t.exposeInt('version', { description: 'Raised by one with every event; progress is none.' }),
  }),
});

list('orderImports', {
  type: 'OrderImport',
  description:
    'Imports of past orders into the stores in which the caller acts; a partner’s program sees those of its partner.',
  scope: 'orders.import',
  where: orderImportWhere,
  ...byMoment('createdAt'),
  filter: (actor, where) => ({
    AND: [
      visibleImports(actor),
      where?.storeId ? { storeId: where.storeId } : {},
      where?.states ? { state: { in: where.states } } : {},
    ],
  }),
  find: (query) => db.orderImport.findMany(query),
  count: (query) => db.orderImport.count(query),
});

mutation('orderImportRequest', {
  description: `Ask for a URL to upload past orders to: \`PUT\` one CSV file there within an hour, plain or gzipped, at most 128 MiB, and unpacked 512 MiB and 2 million lines, in UTF-8, with the columns InvoiceNo, StockCode, Description, Quantity, InvoiceDate (\`2010-12-01 08:26:00\` in the time zone of the store), UnitPrice (in its first currency), CustomerID and Country. The import then runs by itself: follow \`linesRead\`. The same content again from the same partner, or from staff, changes nothing (state DUPLICATE). Once whoever asked may not import into the store any more, the upload is refused with 403, and an import that is not over fails.

Imported orders are history: completed, delivered and settled elsewhere; they promise no stock, start no clocks and move no money, and webhooks are not told. Lines of one invoice are one order, whose \`externalReference\` is the number of the invoice. Customers are known by CustomerID; without one the buyer is a guest. Goods are known by StockCode in upper case; what the catalog does not have becomes a draft. POST, DOT and C2 are freight. A negative quantity is written off, in the ledger only. An InvoiceNo that begins with C cancels units that the same customer bought before, the newest first; units that no import knows are rejected. Each line is taken over or rejected for a reason. Refused with NOT_FOUND, NOT_PERMITTED, OUT_OF_RANGE.`,
  scope: 'orders.import',
  input: orderImportRequestInput,
  run: requestImport,
  returns: 'OrderImport',
  payload: (t) => ({
    uploadUrl: t.string({
      nullable: true,
      description: 'Path on this server that takes one `PUT`. Shown only here.',
      resolve: ({ result }) => (result ? importUploadPath(result.token) : null),
    }),
  }),
});
