// What callers hand in about images.

import { z } from 'zod';
import { integer } from '../../core/inputs.ts';
import { IMAGE_BYTES_MAX } from '../rules.ts';

export const imageRequestInput = z.object({
  byteCount: integer(1, IMAGE_BYTES_MAX)
    .optional()
    .describe(
      'Size of the file in bytes, where it is known: too large a file is then refused before it is sent.',
    ),
});
