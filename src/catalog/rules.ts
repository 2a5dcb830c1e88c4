// What is true of versions of products, their options and their images. Pure: no database, no clock.

import type { ProductVersionState } from '../generated/prisma/client.ts';
import type { productVersionActs } from './texts.ts';

export type ProductVersionAct = keyof typeof productVersionActs;

/** The life of a version: from which states an act is possible, and the state it leads to. */
export const versionMoves: Record<
  ProductVersionAct,
  { from: readonly ProductVersionState[]; to: ProductVersionState }
> = {
  EDIT: { from: ['DRAFT', 'REJECTED'], to: 'DRAFT' },
  SUBMIT: { from: ['DRAFT'], to: 'SUBMITTED' },
  APPROVE: { from: ['SUBMITTED'], to: 'APPROVED' },
  REJECT: { from: ['SUBMITTED'], to: 'REJECTED' },
  PUBLISH: { from: ['APPROVED'], to: 'PUBLISHED' },
  WITHDRAW: { from: ['PUBLISHED'], to: 'WITHDRAWN' },
};

/** States of a version that is neither published nor done with. A product has at most one such version. */
export const statesInWork = [
  'DRAFT',
  'SUBMITTED',
  'APPROVED',
  'REJECTED',
] as const satisfies ProductVersionState[];

/** Why the state of a version forbids an act, or null. Publishing what nobody approved has a code of its own. */
export function stateRefusal(
  act: ProductVersionAct,
  state: ProductVersionState,
): 'ILLEGAL_STATE' | 'REVIEW_REQUIRED' | null {
  if (versionMoves[act].from.includes(state)) return null;
  return act === 'PUBLISH' ? 'REVIEW_REQUIRED' : 'ILLEGAL_STATE';
}

/** True when a person had a hand in a version, so that another one must review it. */
export const wroteVersion = (
  version: { authorId: string; lastEditorId: string },
  personId: string | null,
): boolean => personId === version.authorId || personId === version.lastEditorId;

/** An option of a product with the values that its variants may have. */
export interface OptionValues {
  code: string;
  values: readonly string[];
}

/** A variant's value of an option as it is stored: `colour=red`. */
export const optionPair = (option: { code: string; value: string }): string => `${option.code}=${option.value}`;

/** The code and value of a stored pair. Codes have no `=`. */
export function splitPair(pair: string): { code: string; value: string } {
  const at = pair.indexOf('=');
  return { code: pair.slice(0, at), value: pair.slice(at + 1) };
}

/** True when a variant has exactly one known value of each option and nothing else. */
export function fitsOptions(pairs: readonly string[], options: readonly OptionValues[]): boolean {
  const given = new Map(pairs.map(splitPair).map(({ code, value }) => [code, value]));
  return (
    pairs.length === options.length &&
    options.every(({ code, values }) => values.includes(given.get(code) ?? ''))
  );
}

/** Name of a variant as it is sold: the product's, followed by the names of its options' values in brackets. */
export function variantName(
  productName: string,
  pairs: readonly string[],
  options: readonly (OptionValues & { valueNames: readonly string[] })[],
): string {
  const given = new Map(pairs.map(splitPair).map(({ code, value }) => [code, value]));
  const names = options.map(({ code, values, valueNames }) => {
    const value = given.get(code) ?? '';
    return valueNames[values.indexOf(value)] ?? value;
  });
  return names.length > 0 ? `${productName} (${names.join(', ')})` : productName;
}

/** Largest image in bytes. */
export const IMAGE_BYTES_MAX = 10 * 1024 * 1024;

/** Largest width and height of an image in pixels. */
export const IMAGE_PIXELS_MAX = 12_000;

/** Minutes for which the URL to upload an image to can be used. */
export const UPLOAD_MINUTES = 15;

export const uploadExpiry = (requestedAt: Date): Date =>
  new Date(requestedAt.getTime() + UPLOAD_MINUTES * 60_000);

/** Years ahead for which a price can be set. */
export const PRICE_YEARS_AHEAD = 5;

/** Last moment from which a price can hold that is set at `at`. */
export function latestPriceStart(at: Date): Date {
  const latest = new Date(at);
  latest.setUTCFullYear(latest.getUTCFullYear() + PRICE_YEARS_AHEAD);
  return latest;
}
