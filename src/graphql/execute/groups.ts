// Groups of subscribers who ask the same with the same rights: an event is executed and written once for all of them.
// Each subscriber's feed (feed.ts) tells by itself until it has caught up with the log, then rests on its seat. The first
// to rest starts the group: the same feed once more, from that place (`startAt`), in a context without a person. What it
// tells is written to the line of every member who does not know it yet. Who reads too slowly leaves and goes on alone
// from the place up to which they were told. So do all of them when the document asks for the person, which then forms no
// group again, and when it fails, for a while.

import { setImmediate as yieldLoop } from 'node:timers/promises';
import {
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  getOperationAST,
  getVariableValues,
  Kind,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Actor, Reach } from '../../core/actor.ts';
import { isClosed } from '../../core/event-log.ts';
import { log } from '../../core/log.ts';
import type { Context, Line, Seat } from '../context.ts';

/** A result that stands at a place in the log. */
export interface Told {
  seq: bigint;
  /** True for a heartbeat, which says only that nothing is missing up to its place. */
  isHeartbeat: boolean;
  result: ExecutionResult;
}

/** Run a feed from a place in the log on, its results in their order. */
export type RunFeed = (args: ExecutionArgs, context: Context) => Promise<AsyncIterable<Told> | null>;

interface Member {
  line: Line;
  /** Place up to which the member was told. */
  position: bigint;
  leave(isSlow: boolean): void;
}

interface Group {
  members: Set<Member>;
  /** Place of the last event that was told. Who has not come so far would miss it. */
  told: bigint;
  stopping: AbortController;
}

/** Bytes that a subscriber may leave untaken before the group goes on without them. */
const WAITING_BYTES_MAX = 256 * 1024;
/** Subscribers written to before others get a turn. */
const SLICE = 500;

/** How long those whose group failed are told alone. */
const FAULT_MS = 60_000;

const groups = new Map<string, Group>();
/** Documents that ask who reads them: what they answer is not for others. */
const personal = new LRUCache<string, true>({ max: 1_000 });

/** A seat in the group of those who ask the same with the same rights; null for those who are always told alone. */
export function seatFor(args: ExecutionArgs, context: Context, runFeed: RunFeed): Seat | null {
  const { actor, line, signal } = context;
  const document = args.document.loc?.source.body ?? '';
  // What shoppers see is their own, so nobody else is told the same.
  if (!line || (actor.kind !== 'STAFF' && actor.kind !== 'KEY')) return null;
  // Variables that do not fit are refused in a moment.
  if (!fits(args)) return null;
  const key = groupKey(document, args, actor);
  return {
    rest(position) {
      if (personal.has(document) || line.waiting() > WAITING_BYTES_MAX) return null;
      if (position < (groups.get(key)?.told ?? 0n)) return null;
      return new Promise((resolve) => {
        const group = groups.get(key) ?? startGroup(key, document, args, context, runFeed, position);
        const leave = (isSlow: boolean) => {
          signal.removeEventListener('abort', gone);
          group.members.delete(member);
          if (group.members.size === 0) endGroup(key, group);
          resolve({ position: member.position, isSlow });
        };
        const gone = () => leave(false);
        const member: Member = { line, position, leave };
        group.members.add(member);
        signal.addEventListener('abort', gone, { once: true });
        if (signal.aborted) gone();
      });
    },
  };
}

function fits({ schema, document, operationName, variableValues }: ExecutionArgs): boolean {
  const { variableDefinitions = [] } = getOperationAST(document, operationName) ?? {};
  return !getVariableValues(schema, variableDefinitions, variableValues ?? {}).errors;
}

/** Everything on which a result depends, but for the place in the log. */
function groupKey(document: string, args: ExecutionArgs, actor: Actor): string {
  const variables = { ...args.variableValues };
  const place = placeVariable(document, args);
  if (place !== null) delete variables[place];
  const reach = (ids: Reach) => (ids === 'ALL' ? 'ALL' : [...ids].sort());
  const rights = [
    actor.kind,
    actor.partnerId,
    actor.locale,
    [...actor.permissions].sort(),
    reach(actor.stores),
    reach(actor.locations),
  ];
  return JSON.stringify([document, args.operationName ?? null, sorted(variables), rights]);
}

/** The variable that tells only from where the feed is to be told; null when something else depends on it too. */
function placeVariable(document: string, { document: parsed, operationName }: ExecutionArgs): string | null {
  const [field] = getOperationAST(parsed, operationName)?.selectionSet.selections ?? [];
  if (field?.kind !== Kind.FIELD) return null;
  const after = field.arguments?.find(({ name }) => name.value === 'after')?.value;
  if (after?.kind !== Kind.VARIABLE) return null;
  const { value: name } = after.name;
  // Declared once and used once.
  return document.split(new RegExp(`\\$${name}\\b`)).length === 3 ? name : null;
}

/** A value with the keys of its objects in one order. */
const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, sorted(inner)]),
  );
};

function startGroup(
  key: string,
  document: string,
  args: ExecutionArgs,
  { actor }: Context,
  runFeed: RunFeed,
  position: bigint,
): Group {
  const group: Group = { members: new Set(), told: position, stopping: new AbortController() };
  groups.set(key, group);
  const { impersonal, wasRead } = withoutPerson(actor);
  const context: Context = {
    actor: impersonal,
    signal: group.stopping.signal,
    extensions: {},
    startAt: position,
  };
  const run = async () => {
    for await (const told of (await runFeed(args, context)) ?? []) {
      if (wasRead()) return;
      await tell(group, told);
    }
  };
  run()
    .catch((error: unknown) => wasRead() || log.error({ error }, 'a group of subscribers failed'))
    .finally(() => {
      // Whoever is left is told alone, now and later: who read the person would again, a fault may pass.
      if (group.members.size > 0 && !isClosed())
        personal.set(document, true, wasRead() ? {} : { ttl: FAULT_MS });
      endGroup(key, group);
    });
  return group;
}

/** End a group; those who are left go on alone. */
function endGroup(key: string, group: Group): void {
  if (groups.get(key) === group) groups.delete(key);
  group.stopping.abort();
  for (const member of [...group.members]) member.leave(false);
}

/** Tell all members what stands at a place, but those who know it already. Whoever does not take it leaves the group. */
async function tell(group: Group, { seq, isHeartbeat, result }: Told): Promise<void> {
  const { members } = group;
  if (!isHeartbeat) group.told = seq;
  const rest = Buffer.from(`${JSON.stringify(result)}}`);
  let written = 0;
  for (const member of [...members]) {
    if (!members.has(member)) continue;
    if (isHeartbeat ? seq < member.position : seq <= member.position) continue;
    member.line.send(rest);
    member.position = seq;
    if (member.line.waiting() > WAITING_BYTES_MAX) member.leave(true);
    if (++written % SLICE === 0) await yieldLoop();
  }
}

const personalFields = ['id', 'credentialId', 'expiresAt', 'requestId', 'address', 'userAgent'] as const;

/** An actor with the same rights and no person in it: whoever reads the person is refused, and it is known. */
function withoutPerson(actor: Actor): { impersonal: Actor; wasRead: () => boolean } {
  let read = false;
  const impersonal = { ...actor };
  for (const field of personalFields)
    Object.defineProperty(impersonal, field, {
      enumerable: true,
      get() {
        read = true;
        throw new GraphQLError(`a group has no ${field}`, { extensions: { code: 'INTERNAL' } });
      },
    });
  return { impersonal, wasRead: () => read };
}
