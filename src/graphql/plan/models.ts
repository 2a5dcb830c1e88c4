// What Prisma's models have: columns, and relations to each other.

import type { Select } from '../../core/reads/rows.ts';
import { getDatamodel } from '../../generated/pothos.ts';

const { models } = getDatamodel().datamodel;

type Field = (typeof models)[string]['fields'][number];

const fields: ReadonlyMap<string, ReadonlyMap<string, Field>> = new Map(
  Object.entries(models).map(([model, { fields }]) => [
    model,
    new Map(fields.map((field) => [field.name, field])),
  ]),
);

/** A relation of a model. */
export function relationOf(model: string, name: string): Field | undefined {
  const field = fields.get(model)?.get(name);
  return field?.kind === 'object' ? field : undefined;
}

/** True for the name of a column. */
export function isColumn(model: string, name: string): boolean {
  const field = fields.get(model)?.get(name);
  return field !== undefined && field.kind !== 'object';
}

/** What is selected of rows of which nothing is said. */
export const allColumns = (model: string): Select =>
  Object.fromEntries(
    [...(fields.get(model)?.keys() ?? [])]
      .filter((name) => isColumn(model, name))
      .map((name) => [name, true]),
  );
