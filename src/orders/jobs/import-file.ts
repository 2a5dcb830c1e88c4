// Importing a file of past orders, batch by batch. Whoever does it may be killed at any moment and begin anew.

import { nameImported } from '../../catalog/actions/import-variants.ts';
import { CsvError, type CsvLine, readCsv } from '../../core/csv.ts';
import { db, transact } from '../../core/db.ts';
import { now } from '../../core/time.ts';
import type { OrderImport } from '../../generated/prisma/client.ts';
import { importBatch } from '../actions/import-batch.ts';
import { importer } from '../actions/importers.ts';
import { completeImport, failImport, startImport } from '../actions/order-imports.ts';
import { IMPORT_LINES_MAX, IMPORT_TEXT_BYTES_MAX, isBatchFull } from '../rules/import-files.ts';
import { importColumns } from '../rules/import-lines.ts';

export interface FileImport {
  orderImportId: string;
  /** Opens the file at its beginning. */
  open: () => AsyncIterable<Uint8Array>;
  /** Ends the work after the batch that runs, to go on another time. */
  signal?: AbortSignal;
  /** Ends it likewise so many seconds after the first batch: finding that in a long file takes time as well. */
  sliceSeconds?: number;
  /** Hears how many lines are done with, of how many. */
  onProgress?: (progress: { linesRead: number; lineCount: number }) => void;
}

/**
 * Carry an import on to its end, or until the signal fires. The file is read through once before anything is written,
 * so that a file that is damaged, cut short or something else changes nothing. Then each batch commits with the
 * checkpoint behind it: a process that dies leaves whole batches, and the next one goes on after them. Several may work
 * on one import: each line is taken over once.
 */
export async function importFile(run: FileImport): Promise<OrderImport['state']> {
  const { orderImportId } = run;
  try {
    if (await begin(run)) {
      const end = await takeOverAll(run);
      if (end === 'INTERRUPTED') return 'RUNNING';
      await nameAll(orderImportId);
      await transact((tx) =>
        end === 'CHANGED'
          ? failImport(tx, orderImportId, { failure: 'FILE_CHANGED' }, now())
          : completeImport(tx, orderImportId, now()),
      );
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const { failure, detail } = error;
    await transact((tx) => failImport(tx, orderImportId, { failure, detail }, now()));
  }
  return (await rowOf(orderImportId)).state;
}

const rowOf = (id: string): Promise<OrderImport> => db.orderImport.findUniqueOrThrow({ where: { id } });

const linesOf = (open: FileImport['open']): AsyncGenerator<CsvLine[]> =>
  readCsv(open(), { columns: importColumns, bytesMax: IMPORT_TEXT_BYTES_MAX, linesMax: IMPORT_LINES_MAX });

/** Read the file through, if nobody did yet, and begin. False when there is nothing to do any more. */
async function begin({ orderImportId, open }: FileImport): Promise<boolean> {
  const { state, lineCount } = await rowOf(orderImportId);
  if (state !== 'QUEUED' && state !== 'RUNNING') return false;
  const count = lineCount ?? (await countLines(open));
  return transact((tx) => startImport(tx, orderImportId, count, now()));
}

async function countLines(open: FileImport['open']): Promise<number> {
  let count = 0;
  for await (const lines of linesOf(open)) count += lines.length;
  return count;
}

/** Take over what is left of the file. */
async function takeOverAll({
  orderImportId,
  open,
  signal,
  sliceSeconds,
  onProgress,
}: FileImport): Promise<'THROUGH' | 'INTERRUPTED' | 'CHANGED'> {
  const row = await rowOf(orderImportId);
  const actor = importer(row);
  const lineCount = row.lineCount ?? 0;
  let done = row.linesRead;
  let position = 0;
  let batch: CsvLine[] = [];
  let characters = 0;
  let slice: AbortSignal | undefined;
  const takeOver = async (): Promise<void> => {
    if (sliceSeconds) slice ??= AbortSignal.timeout(sliceSeconds * 1_000);
    const part = { orderImportId, from: done, lines: batch };
    const { state, linesRead } = await transact((tx) => importBatch(tx, actor, part, now()));
    if (state !== 'RUNNING') throw new Superseded();
    batch = batch.slice(linesRead - done);
    characters = batch.reduce((sum, { text }) => sum + text.length, 0);
    done = linesRead;
    onProgress?.({ linesRead, lineCount });
  };
  onProgress?.({ linesRead: done, lineCount });
  try {
    for await (const lines of linesOf(open)) {
      for (const line of lines) {
        const isSameInvoice = invoiceOf(line) === invoiceOf(batch.at(-1));
        if (isBatchFull({ lines: batch.length, characters }, isSameInvoice)) {
          if (signal?.aborted || slice?.aborted) return 'INTERRUPTED';
          await takeOver();
        }
        if (position++ < done) continue;
        batch.push(line);
        characters += line.text.length;
      }
    }
    while (batch.length > 0) await takeOver();
  } catch (error) {
    if (error instanceof Superseded) return 'THROUGH';
    throw error;
  }
  return done === lineCount && position === lineCount ? 'THROUGH' : 'CHANGED';
}

/** The import is over, by the hand of another process. */
class Superseded extends Error {}

const invoiceOf = (line: CsvLine | undefined): string | undefined => line?.values?.[0];

const NAMED_AT_ONCE = 200;

/** Goods are called what they were called most often, which is known only at the end. */
async function nameAll(orderImportId: string): Promise<void> {
  const row = await rowOf(orderImportId);
  const sold = await db.$queryRaw<{ id: string }[]>`
    SELECT DISTINCT l.variant_id AS id FROM imported_invoice i JOIN order_line l ON l.order_id = i.order_id
    WHERE i.order_import_id = ${orderImportId}::uuid ORDER BY 1`;
  for (let i = 0; i < sold.length; i += NAMED_AT_ONCE) {
    const ids = sold.slice(i, i + NAMED_AT_ONCE).map(({ id }) => id);
    await transact((tx) => nameImported(tx, importer(row), ids, now()));
  }
}
