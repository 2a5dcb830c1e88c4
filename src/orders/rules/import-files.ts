// Limits of imported files and their uploads. Pure: no database, no clock.

/** Largest upload in bytes. */
export const IMPORT_BYTES_MAX = 128 * 1024 * 1024;

/** Most bytes of a file after decompression. */
export const IMPORT_TEXT_BYTES_MAX = 512 * 1024 * 1024;

/** Most lines of a file: as many as can be read through in a run of the job. */
export const IMPORT_LINES_MAX = 2_000_000;

/** Minutes for which the URL to upload a file to can be used. */
export const IMPORT_UPLOAD_MINUTES = 60;

/** Path to which the file of an import is uploaded. */
export const importUploadPath = (token: string): string => `/imports/upload/${token}`;

/** How much a batch holds: little enough for a short transaction, enough for its statements to be worth it. */
const BATCH = { lines: 5_000, characters: 2_000_000 };
/** How much of one invoice it holds at most. */
const BATCH_MAX = { lines: 8_000, characters: 4_000_000 };

/** True when a batch is full: between two invoices where that comes soon enough. */
export function isBatchFull(batch: typeof BATCH, isSameInvoice: boolean): boolean {
  const { lines, characters } = isSameInvoice ? BATCH_MAX : BATCH;
  return batch.lines >= lines || batch.characters >= characters;
}
