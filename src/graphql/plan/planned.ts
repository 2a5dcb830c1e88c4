// Selections of rows put together.

import { isDeepStrictEqual } from 'node:util';
import { isSameRows, OURS, type Query, type Select, type Sums } from '../../core/reads/rows.ts';
import type { Context } from '../context.ts';
import type { Asked } from './asked.ts';

/** Thrown for what is left to Pothos. */
export class NotPlanned extends Error {}

const plans = new WeakMap<Select, Planned>();

/** True where rows that were read by a selection were planned to answer a field of the same request, and do. */
export function isPlanned(select: Select | null, field: Asked, context: Context): boolean {
  const planned = select && plans.get(select);
  return planned?.answers(field, context) === true;
}

/** What is planned for rows at one place. Selections that are given are never changed. */
export class Planned {
  readonly select: Record<string, unknown>;
  readonly #context: Context;
  readonly #answered = new Set<Asked>();

  constructor(select: Select, context: Context) {
    this.select = { ...select };
    this.#context = context;
    plans.set(this.select, this);
  }

  answers(field: Asked, context: Context): boolean {
    return context === this.#context && this.#answered.has(field);
  }

  addColumns(columns: Select): void {
    Object.assign(this.select, columns);
  }

  /** Add all that a field selects, or nothing where it wants other rows of a relation than are planned already. */
  add(select: Select, field: Asked | null): void {
    const more = merged(this.select, select);
    if (!more) return;
    Object.assign(this.select, more);
    if (field) this.#answered.add(field);
  }
}

/** What the names of one selection are to be so that another has what it needs as well; null where that cannot be. */
function merged(one: Select, other: Select): Select | null {
  const both: Record<string, unknown> = {};
  for (const [name, wanted] of Object.entries(other)) {
    if (!wanted) continue;
    const have = one[name];
    const merge = mergers[name] ?? mergedRelation;
    const value = !have || have === wanted ? wanted : merge(have, wanted);
    if (value !== null) both[name] = value;
    // A field can do without what Prisma does not know.
    else if (!OURS.includes(name)) return null;
  }
  return both;
}

function mergedRelation(have: unknown, wanted: unknown): unknown {
  if (have === true || wanted === true) throw new NotPlanned();
  const { select: mine, ...rows } = have as Query;
  const { select: theirs, ...others } = wanted as Query;
  if (!mine || !theirs) throw new NotPlanned();
  if (!isSameRows(rows, others)) return null;
  const more = merged(mine, theirs);
  return more && { ...rows, select: { ...mine, ...more } };
}

const mergers: Readonly<Record<string, typeof mergedRelation>> = {
  _count: mergedCounts,
  // A list is added up in one way only, at moments that hardly differ.
  _sum: (have, wanted) => ({ ...(wanted as Sums), ...(have as Sums) }),
};

/** Each count stands for itself. */
function mergedCounts(have: unknown, wanted: unknown): unknown {
  if (have === true || wanted === true) throw new NotPlanned();
  const { select: mine = {} } = have as Query;
  const { select: theirs = {} } = wanted as Query;
  const differ = Object.keys(theirs).some(
    (name) => name in mine && !isDeepStrictEqual(mine[name], theirs[name]),
  );
  return differ ? null : { select: { ...mine, ...theirs } };
}
