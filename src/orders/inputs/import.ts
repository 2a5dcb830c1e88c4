// What callers hand in about imports of past orders.

import { z } from 'zod';
import { idOf, integer, list, oneOf, text } from '../../core/inputs.ts';
import { IMPORT_BYTES_MAX } from '../rules/import-files.ts';
import { orderImportStates } from '../texts.ts';

export const orderImportRequestInput = z.object({
  storeId: idOf('Store').describe(
    'Store whose past orders they are: its first currency, and the time zone of the times in the file.',
  ),
  fileName: text(1, 200).optional().describe('What the file is called by the caller.'),
  byteCount: integer(1, IMPORT_BYTES_MAX)
    .optional()
    .describe(
      'Size of the file in bytes, where it is known: too large a file is then refused before it is sent.',
    ),
  categoryId: idOf('Category')
    .optional()
    .describe(
      'Category of goods that the catalog does not have yet, and so their tax rate. Default: `imported`, which is made where it is missing, at 0 %.',
    ),
  locationId: idOf('Location')
    .optional()
    .describe(
      'Location whose ledger tells what was written off. Default: the one from which the store’s orders are allocated first.',
    ),
  locale: oneOf('Locale', { en: 1, zh: 1 })
    .optional()
    .describe('Language of the descriptions in the file. Default `en`.'),
});
export type OrderImportRequest = z.output<typeof orderImportRequestInput>;

export const orderImportWhere = z.object({
  storeId: idOf('Store').optional().describe('Only imports into this store.'),
  states: list(oneOf('OrderImportState', orderImportStates), 0, 10)
    .optional()
    .describe('Only imports in one of these states; an empty list matches nothing.'),
});
