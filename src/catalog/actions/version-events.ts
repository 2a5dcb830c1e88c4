// Events of versions of products: the same facts each time, with ids as callers know them.

import type { Actor } from '../../core/actor.ts';
import type { Tx } from '../../core/db.ts';
import { changesBetween, type EventMap, emit, type FieldChange, type NewEvent } from '../../core/events.ts';
import { toGlobalId } from '../../core/ids.ts';
import type { ProductVersion } from '../../generated/prisma/client.ts';

type VersionEvent = Extract<keyof EventMap, `productVersion.${string}`>;

/** Record what happened to a version; `more` are changes of its content. */
export const emitVersion = (
  tx: Tx,
  actor: Actor,
  type: VersionEvent,
  before: ProductVersion | null,
  after: ProductVersion,
  at: Date,
  more: readonly FieldChange[] = [],
): Promise<void> => emit(tx, actor, versionEvent(type, before, after, at, more));

/** A version's event, for those who record many at once. */
export const versionEvent = (
  type: VersionEvent,
  before: ProductVersion | null,
  after: ProductVersion,
  at: Date,
  more: readonly FieldChange[] = [],
): NewEvent<VersionEvent> => ({
  type,
  entityId: after.id,
  version: after.version,
  payload: { productNodeId: toGlobalId('Product', after.productId), number: after.number },
  changes: [...(before ? changesBetween(shown(before), shown(after), fields) : []), ...more],
  facets: { state: after.state },
  occurredAt: at,
});

const fields = ['state', 'lastEditor', 'reviewer', 'rejectionReason'] as const;

const shown = ({ state, lastEditorId, reviewerId, rejectionReason }: ProductVersion) => ({
  state,
  lastEditor: toGlobalId('Staff', lastEditorId),
  reviewer: reviewerId && toGlobalId('Staff', reviewerId),
  rejectionReason,
});
