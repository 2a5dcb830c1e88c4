// `npm run import`: past orders from files into the database, straight and restartable.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, constants, stat, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { db, transact } from '../../../src/core/db.ts';
import { giveUp } from '../../../src/core/process.ts';
import { StartupError } from '../../../src/core/startup-error.ts';
import { now } from '../../../src/core/time.ts';
import type { OrderImport } from '../../../src/generated/prisma/client.ts';
import { openImport } from '../../../src/orders/actions/order-imports.ts';
import { importFile } from '../../../src/orders/jobs/import-file.ts';
import { type Progress, showProgress } from '../replay/progress.ts';
import { stopOnSignals } from '../stopping.ts';
import { type HistoryPlace, openPlace } from './place.ts';
import { problemsCsv, reportOf, sameFile, sumOf } from './report.ts';

const USAGE = `npm run import -- [--store CODE] [--rejected FILE] FILE…

  FILE             CSV, plain or gzipped, with the columns InvoiceNo, StockCode, Description,
                   Quantity, InvoiceDate, UnitPrice, CustomerID, Country. Oldest first, so that
                   cancellations find what they cancel.
  --store CODE     store whose orders they are: its first currency, its time zone. Default:
                   online-retail, opened where it is missing: GBP, Europe/London.
  --rejected FILE  write the lines that were not taken over there, with the reason of each.

Writes into the database of DATABASE_URL, or into the embedded one, which must not be in use: while
npm start runs, import with the mutation orderImportRequest. Ctrl-C or worse stops; the same command
goes on where it was. A file that was imported before changes nothing.`;

interface Wish {
  files: string[];
  store: string | undefined;
  rejected: string | undefined;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function readWish(): Wish | null {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        store: { type: 'string' },
        rejected: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help) return null;
    if (positionals.length === 0) throw new Error('Which files?');
    return { files: positionals, store: values.store, rejected: values.rejected };
  } catch (error) {
    throw new StartupError((error as Error).message, USAGE);
  }
}

/** Refuse files that cannot be read before the first of them is imported. */
async function refuseUnreadable(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    try {
      await access(path, constants.R_OK);
      if (!(await stat(path)).isFile()) throw new Error('It is no file.');
    } catch (error) {
      throw new StartupError(`The file ${path} cannot be read.`, (error as Error).message);
    }
  }
}

/** Size and hash of a file, by which it is known again. */
async function factsOf(path: string): Promise<{ sha256: string; byteCount: number }> {
  const { size: byteCount } = await stat(path);
  const hash = createHash('sha256');
  for await (const bytes of createReadStream(path)) hash.update(bytes as Uint8Array);
  return { sha256: hash.digest('hex'), byteCount };
}

/** Import one file, or what is left of it, and answer its import as it is then. */
async function importOne(
  { store, actor }: HistoryPlace,
  path: string,
  signal: AbortSignal,
): Promise<OrderImport> {
  const input = { storeId: store.id, fileName: basename(path), ...(await factsOf(path)) };
  const opened = await transact((tx) => openImport(tx, actor, input, now()));
  if (opened.state === 'COMPLETED') say(sameFile(opened));
  else await importLines(opened.id, path, signal);
  return db.orderImport.findUniqueOrThrow({ where: { id: opened.id } });
}

async function importLines(orderImportId: string, path: string, signal: AbortSignal): Promise<void> {
  let progress: Progress | undefined;
  let shown = 0;
  await importFile({
    orderImportId,
    open: () => createReadStream(path),
    signal,
    onProgress: ({ linesRead, lineCount }) => {
      progress ??= showLines(basename(path), linesRead, lineCount);
      progress.advance(linesRead - shown);
      shown = linesRead;
    },
  });
  progress?.end();
}

/** Time left goes by the pace of this run: lines that an earlier one took over took no time now. */
function showLines(fileName: string, from: number, lineCount: number): Progress {
  const startedAt = Date.now();
  return showProgress(fileName.replace(/\.csv(\.gz)?$/, ''), lineCount, (done) =>
    done > from ? ((Date.now() - startedAt) / (done - from)) * (lineCount - done) : null,
  );
}

/** Import the files one after another, and report on each and on all of them. */
async function importAll({ files, rejected }: Wish, place: HistoryPlace, signal: AbortSignal): Promise<void> {
  const imports: OrderImport[] = [];
  const currency = place.store.currencies[0] ?? '';
  const tell = (lines: readonly string[]) => say(`\n${lines.join('\n')}\n`);
  for (const path of files) {
    if (signal.aborted) break;
    const row = await importOne(place, path, signal);
    imports.push(row);
    if (row.state !== 'RUNNING') tell(reportOf(row, currency));
    if (row.state === 'FAILED') process.exitCode = 1;
  }
  if (imports.length > 1 && !signal.aborted) tell(reportOf(sumOf(imports), currency));
  if (rejected) {
    await writeFile(rejected, problemsCsv(await problemsOf(imports)));
    say(`Lines that were not taken over, and why: ${rejected}`);
  }
}

async function problemsOf(imports: readonly OrderImport[]) {
  const byImport = await Promise.all(
    imports.map(async ({ id: orderImportId, fileName }) => {
      const found = await db.orderImportProblem.findMany({
        where: { orderImportId },
        orderBy: { position: 'asc' },
      });
      return found.map((problem) => ({ ...problem, fileName: fileName ?? '' }));
    }),
  );
  return byImport.flat();
}

async function run(): Promise<void> {
  const wish = readWish();
  if (!wish) return say(USAGE);
  await refuseUnreadable(wish.files);
  const stopping = stopOnSignals(say);
  const place = await openPlace(wish.store, say);
  try {
    await importAll(wish, place, stopping);
    if (stopping.aborted) say('Stopped. The same command goes on where it was.');
  } finally {
    await place.stop();
  }
}

run().then(
  // The rest of what was loaded would keep the process for a moment.
  () => process.exit(),
  (error: unknown) => giveUp(error, 'The import failed'),
);
