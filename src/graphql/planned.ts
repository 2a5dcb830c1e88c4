// Selections of rows put together.

import { isDeepStrictEqual } from 'node:util';
import { isSameRows, OURS, type Query, type Select } from '../core/reads/rows.ts';

/** Thrown for what is left to Pothos. */
export class NotPlanned extends Error {}

/** What is planned for rows at one place. Selections that are given are never changed. */
export class Planned {
  readonly select: Record<string, unknown>;

  constructor(select: Select) {
    this.select = { ...select };
  }

  addColumns(columns: Select): void {
    Object.assign(this.select, columns);
  }

  /** Add all of a selection, or nothing where it wants other rows of a relation than are planned already. */
  add(select: Select): void {
    const more = together(this.select, select);
    if (more) Object.assign(this.select, more);
  }
}

/** What the names of one selection are to be so that another has what it needs as well; null where that cannot be. */
function together(one: Select, other: Select): Select | null {
  const both: Record<string, unknown> = {};
  for (const [name, wanted] of Object.entries(other)) {
    if (!wanted) continue;
    const value = name === '_count' ? countsOf(one[name], wanted) : relationOf(one[name], wanted);
    if (value !== null) both[name] = value;
    // A field can do without what Prisma does not know.
    else if (!OURS.includes(name)) return null;
  }
  return both;
}

function relationOf(have: unknown, wanted: unknown): unknown {
  if (!have || have === wanted) return wanted;
  if (have === true || wanted === true) throw new NotPlanned();
  const { select: mine, ...rows } = have as Query;
  const { select: theirs, ...others } = wanted as Query;
  if (!mine || !theirs) throw new NotPlanned();
  if (!isSameRows(rows, others)) return null;
  const more = together(mine, theirs);
  return more && { ...rows, select: { ...mine, ...more } };
}

/** Each count stands for itself. */
function countsOf(have: unknown, wanted: unknown): unknown {
  if (have === true || wanted === true) throw new NotPlanned();
  const { select: mine = {} } = (have ?? {}) as Query;
  const { select: theirs = {} } = wanted as Query;
  const differ = Object.keys(theirs).some(
    (name) => name in mine && !isDeepStrictEqual(mine[name], theirs[name]),
  );
  return differ ? null : { select: { ...mine, ...theirs } };
}
