// The documents of webhooks: what they may ask for, and what they answer. GraphQL itself is handed in from above.

import type { Actor } from '../../core/actor.ts';
import type { Problem } from '../../core/errors.ts';
import { newId, toGlobalId } from '../../core/ids.ts';
import { DOCUMENT_OBJECTS_MAX } from '../rules/webhooks.ts';
import { partnersProblem } from '../texts.ts';

/** What is wrong with a document: as GraphQL says it, too much asked for, or a place that is not for the actor. */
type Finding =
  | { kind: 'INVALID'; why: string }
  | { kind: 'COSTLY'; objects: number; max: number }
  | { kind: 'BEYOND'; place: string; permission: string };

interface Use {
  actor: Actor;
  variables: { nodeId: string };
  objectsMax: number;
}

export interface DocumentAnswer {
  data: unknown;
  /** What of it could not be read. */
  errors: readonly object[];
}

/** What checks and executes documents. */
export interface DocumentEngine {
  problems(document: string, use: Use): readonly Finding[];
  run(document: string, use: Use, signal: AbortSignal): Promise<DocumentAnswer>;
}

let engine: DocumentEngine | null = null;

export function setDocumentEngine(given: DocumentEngine): void {
  engine = given;
}

function ready(): DocumentEngine {
  if (!engine) throw new Error('nobody executes documents yet');
  return engine;
}

const useOf = (actor: Actor, nodeId: string): Use => ({
  actor,
  variables: { nodeId },
  objectsMax: DOCUMENT_OBJECTS_MAX,
});

/** Everything for which a document is refused for a key: all of it at once. */
export function documentProblems(document: string | null | undefined, actor: Actor): Problem[] {
  if (!document) return [];
  const path = ['document'];
  const anyNode = toGlobalId('Node', newId());
  return ready()
    .problems(document, useOf(actor, anyNode))
    .map((found) => {
      const { kind, ...params } = found;
      if (kind === 'INVALID') return partnersProblem('DOCUMENT_INVALID', { path, params });
      if (kind === 'COSTLY') return partnersProblem('DOCUMENT_TOO_COSTLY', { path, params });
      return partnersProblem('DOCUMENT_BEYOND_KEY', { path, params });
    });
}

/** What a document answers for an object, with the rights of a key. */
export const runDocument = (
  document: string,
  actor: Actor,
  nodeId: string,
  signal: AbortSignal,
): Promise<DocumentAnswer> => ready().run(document, useOf(actor, nodeId), signal);
