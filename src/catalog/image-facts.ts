// What an image is, found in its bytes. Only formats that browsers show and that carry no script.

import { GIF } from 'image-size/types/gif';
import { JPG } from 'image-size/types/jpg';
import { PNG } from 'image-size/types/png';
import { WEBP } from 'image-size/types/webp';

const formats = [
  ['image/png', PNG],
  ['image/jpeg', JPG],
  ['image/webp', WEBP],
  ['image/gif', GIF],
] as const;

/** Bytes at the start of a file in which its size is found; the metadata before it are shorter. */
export const HEAD_BYTES = 512 * 1024;

/** EXIF orientations from this one on turn the image by a quarter. */
const TURNED_FROM = 5;

/** MIME type, width and height in pixels as the image is shown, or null when it is no PNG, JPEG, WebP or GIF. */
export function imageFactsOf(
  head: Uint8Array,
): { contentType: string; width: number; height: number } | null {
  try {
    const [contentType, format] = formats.find(([, candidate]) => candidate.validate(head)) ?? [];
    if (!contentType) return null;
    const { width, height, orientation = 1 } = format.calculate(head);
    if (!(width > 0 && height > 0)) return null;
    return orientation < TURNED_FROM
      ? { contentType, width, height }
      : { contentType, width: height, height: width };
  } catch {
    return null;
  }
}
