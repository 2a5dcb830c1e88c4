// What is true of versions of products, their options and images, and of stores. Pure: no database, no clock.

import { type Actor, can, type Permission } from '../core/actor.ts';
import { type Problem, problem } from '../core/errors.ts';
import { toGlobalId } from '../core/ids.ts';
import type { ProductVersionState, Store } from '../generated/prisma/client.ts';
import type { Platform } from '../generated/prisma/enums.ts';
import type { PolicyWishes } from './inputs/stores.ts';
import {
  catalogProblem,
  type productVersionActions,
  productVersionStates,
  type storeLimits,
} from './texts.ts';

export type ProductVersionAction = keyof typeof productVersionActions;

/** The life of a version: who may do what in which state, and the state it leads to. */
export const versionMoves: Record<
  ProductVersionAction,
  { permission: Permission; from: readonly ProductVersionState[]; to: ProductVersionState }
> = {
  EDIT: { permission: 'products.edit', from: ['DRAFT', 'REJECTED'], to: 'DRAFT' },
  SUBMIT: { permission: 'products.edit', from: ['DRAFT'], to: 'SUBMITTED' },
  APPROVE: { permission: 'products.review', from: ['SUBMITTED'], to: 'APPROVED' },
  REJECT: { permission: 'products.review', from: ['SUBMITTED'], to: 'REJECTED' },
  PUBLISH: { permission: 'products.publish', from: ['APPROVED'], to: 'PUBLISHED' },
  WITHDRAW: { permission: 'products.publish', from: ['PUBLISHED'], to: 'WITHDRAWN' },
};

/** States of a version that is neither published nor done with. A product has at most one such version. */
export const statesInWork = [
  'DRAFT',
  'SUBMITTED',
  'APPROVED',
  'REJECTED',
] as const satisfies ProductVersionState[];

/** What decides whether something can be done with a version is possible. */
export interface VersionFacts {
  state: ProductVersionState;
  authorId: string;
  lastEditorId: string;
  texts: readonly { name: string }[];
  /** Variants of the product that are not archived. */
  product: { variants: readonly unknown[] };
}

/** Why an actor cannot do something with a version now; nothing when they can. Verbs refuse by it and clients are shown it. */
export function actionProblems(action: ProductVersionAction, version: VersionFacts, actor: Actor): Problem[] {
  const { permission, from } = versionMoves[action];
  if (!can(actor, permission)) return [problem('NOT_PERMITTED')];
  if (!from.includes(version.state)) {
    const params = { state: productVersionStates[version.state] };
    return [
      action === 'PUBLISH'
        ? catalogProblem('REVIEW_REQUIRED', { params })
        : problem('ILLEGAL_STATE', { params }),
    ];
  }
  if (action === 'APPROVE' || action === 'REJECT') {
    const wrote = actor.id === version.authorId || actor.id === version.lastEditorId;
    return wrote ? [catalogProblem('SELF_REVIEW_FORBIDDEN')] : [];
  }
  if (action !== 'SUBMIT') return [];
  return [
    ...(version.texts.some((text) => text.name !== '') ? [] : [catalogProblem('NAME_REQUIRED')]),
    ...(version.product.variants.length > 0 ? [] : [catalogProblem('VARIANT_REQUIRED')]),
  ];
}

/** An option of a product with the values that its variants may have. */
export interface OptionValues {
  code: string;
  values: readonly string[];
}

/** A variant's value of an option as it is stored: `colour=red`. */
export const optionPair = (option: { code: string; value: string }): string =>
  `${option.code}=${option.value}`;

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

/** Path under which an image is served. */
export const imagePath = (imageId: string): string => `/media/${toGlobalId('Image', imageId)}`;

/** Path to which an image is uploaded. */
export const uploadPath = (token: string): string => `/media/upload/${token}`;

/** Largest image in bytes. */
export const IMAGE_BYTES_MAX = 10 * 1024 * 1024;

/** Largest width and height of an image in pixels. */
export const IMAGE_PIXELS_MAX = 12_000;

/** Minutes for which the URL to upload an image to can be used. */
const UPLOAD_MINUTES = 15;

export const uploadExpiry = (requestedAt: Date): Date =>
  new Date(requestedAt.getTime() + UPLOAD_MINUTES * 60_000);

/** Years ahead for which a price can be set. */
const PRICE_YEARS_AHEAD = 5;

/** Last moment from which a price can hold that is set at `at`. */
export function latestPriceStart(at: Date): Date {
  const latest = new Date(at);
  latest.setUTCFullYear(latest.getUTCFullYear() + PRICE_YEARS_AHEAD);
  return latest;
}

/** Columns of a store that say how it treats its orders. */
export const policyNames = [
  'confirmation',
  'confirmWithinMinutes',
  'payWithinMinutes',
  'expiryBy',
  'refundsBy',
  'creditDays',
  'cashOnDelivery',
  'completeAfterDays',
] as const satisfies (keyof Store)[];

export type Policies = Pick<Store, (typeof policyNames)[number]>;

/** Minutes to pay in a new own site: it holds no stock for ever for somebody who does not pay. */
const PAY_WITHIN_MINUTES = 30;

/** Policies of a new store: what a platform does for its sellers is not done here. */
export function firstPolicies(platform: Platform): Policies {
  const isOwn = platform === 'OWN_SITE';
  return {
    confirmation: isOwn ? 'BEFORE_PAYMENT' : 'AFTER_PAYMENT',
    confirmWithinMinutes: null,
    payWithinMinutes: isOwn ? PAY_WITHIN_MINUTES : null,
    expiryBy: isOwn ? 'DAYSHIFT' : 'PLATFORM',
    refundsBy: isOwn ? 'DAYSHIFT' : 'PLATFORM',
    creditDays: null,
    cashOnDelivery: false,
    completeAfterDays: null,
  };
}

/** Policies as they are once the wishes are granted. */
export function policiesAfter(before: Policies, wishes: PolicyWishes = {}): Policies {
  const limit = (name: keyof typeof storeLimits, wish: number | undefined, former: number | null) =>
    wishes.without?.includes(name) ? null : (wish ?? former);
  return {
    confirmation: wishes.confirmation ?? before.confirmation,
    confirmWithinMinutes: limit('CONFIRM_WITHIN', wishes.confirmWithinMinutes, before.confirmWithinMinutes),
    payWithinMinutes: limit('PAY_WITHIN', wishes.payWithinMinutes, before.payWithinMinutes),
    expiryBy: wishes.expiryBy ?? before.expiryBy,
    refundsBy: wishes.refundsBy ?? before.refundsBy,
    creditDays: limit('CREDIT', wishes.creditDays, before.creditDays),
    cashOnDelivery: wishes.cashOnDelivery ?? before.cashOnDelivery,
    completeAfterDays: limit('COMPLETE_AFTER', wishes.completeAfterDays, before.completeAfterDays),
  };
}

/** What an own site would leave to a platform that it has not, where it was wished or, else, at the platform. */
export const policyProblems = (
  platform: Platform,
  policies: Policies,
  wishes: PolicyWishes = {},
): Problem[] =>
  (['expiryBy', 'refundsBy'] as const)
    .filter((name) => platform === 'OWN_SITE' && policies[name] === 'PLATFORM')
    .map((name) =>
      catalogProblem('POLICY_NEEDS_PLATFORM', { path: wishes[name] ? ['policies', name] : ['platform'] }),
    );
