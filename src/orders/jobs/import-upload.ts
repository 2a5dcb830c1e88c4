// The job that imports an uploaded file, a slice of time after the other, on whatever instance.

import { db, transact } from '../../core/db.ts';
import { readFile, removeFile } from '../../core/files.ts';
import { defineJob, enqueue } from '../../core/jobs.ts';
import { now } from '../../core/time.ts';
import { failImport, lockImports, mayGoOn } from '../actions/order-imports.ts';
import { importFile } from './import-file.ts';

/** Seconds of work after which a run lets others have their turn, and queues the next one. */
const SLICE_SECONDS = 20;

export const importJob = defineJob({
  name: 'orders.import',
  retries: 5,
  retrySeconds: { first: 2, max: 60 },
  runSecondsMax: 120,
  async work({ orderImportId }, signal) {
    const row = await db.orderImport.findUniqueOrThrow({ where: { id: orderImportId } });
    const sha256 = row.sha256 ?? '';
    if (!(await transact((tx) => mayGoOn(tx, orderImportId, now())))) return forgetFile(sha256);
    const first = await readFile(sha256);
    if (!first) {
      await transact((tx) => failImport(tx, orderImportId, { failure: 'FILE_MISSING' }, now()));
      return;
    }
    first.destroy();
    const open = () => contentOf(sha256);
    const state = await importFile({ orderImportId, open, signal, sliceSeconds: SLICE_SECONDS });
    if (state !== 'RUNNING') return forgetFile(sha256);
    await transact((tx) => enqueue(tx, 'orders.import', { orderImportId }, { key: orderImportId }));
  },
  async giveUp({ orderImportId }) {
    await transact((tx) => failImport(tx, orderImportId, { failure: 'BROKE_OFF' }, now()));
    const { sha256 } = await db.orderImport.findUniqueOrThrow({ where: { id: orderImportId } });
    await forgetFile(sha256 ?? '');
  },
});

async function* contentOf(sha256: string): AsyncGenerator<Uint8Array> {
  const content = await readFile(sha256);
  if (!content) throw new Error(`the file ${sha256} is gone`);
  yield* content as AsyncIterable<Uint8Array>;
}

/** Files name customers: what is imported is not kept as well, unless somebody else still imports the same. */
export const forgetFile = (sha256: string): Promise<void> =>
  transact(async (tx) => {
    await lockImports(tx);
    const others = await tx.orderImport.count({ where: { sha256, state: { in: ['QUEUED', 'RUNNING'] } } });
    if (others === 0) await removeFile(sha256);
  });
