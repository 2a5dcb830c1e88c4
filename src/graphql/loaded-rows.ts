// Fields of rows that were loaded with their parents: the row answers, without asking for each field again what holds for all.

import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core';
import type { GraphQLFieldResolver, GraphQLResolveInfo } from 'graphql';
import { toGlobalId } from '../core/ids.ts';
import { getDatamodel } from '../generated/pothos.ts';
import type { Context } from './context.ts';

declare global {
  export namespace PothosSchemaTypes {
    interface Plugins<Types extends SchemaTypes> {
      loadedRows: LoadedRowsPlugin<Types>;
    }
  }
}

type Resolver = GraphQLFieldResolver<unknown, Context, object>;
type Row = Readonly<Record<string, unknown>>;
type Select = Readonly<Record<string, unknown>>;

const { models } = getDatamodel().datamodel;
const columns = new Map(
  Object.entries(models).map(([model, { fields }]) => [
    model,
    new Map(fields.map((field) => [field.name, field])),
  ]),
);

/**
 * A test of rows for a selection of columns, their own and those of single rows that they refer to: whatever loaded
 * them, they are the same. Null for a selection that a filter or a limit may have made different.
 */
function loadedTest(model: string, select: Select): ((row: Row) => boolean) | null {
  const tests: ((row: Row) => boolean)[] = [];
  for (const [name, selected] of Object.entries(select)) {
    const field = columns.get(model)?.get(name);
    if (field && field.kind !== 'object' && selected === true) tests.push((row) => row[name] !== undefined);
    else if (field?.kind === 'object' && !field.isList && isSelect(selected)) {
      const inner = loadedTest(field.type, selected.select);
      if (!inner) return null;
      tests.push((row) => row[name] === null || (row[name] !== undefined && inner(row[name] as Row)));
    } else return null;
  }
  return (row) => tests.every((test) => test(row));
}

const isSelect = (selected: unknown): selected is { select: Select } =>
  typeof selected === 'object' &&
  selected !== null &&
  Object.keys(selected).join() === 'select' &&
  typeof (selected as { select: unknown }).select === 'object';

/** Objects of which a field was resolved, by their place in the answer: whoever asks may see them there. */
const seen = new WeakSet<object>();

class LoadedRowsPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  /** The library resolves ids by promises, which makes one of every object and of the whole answer. */
  override onOutputFieldConfig(field: PothosOutputFieldConfig<Types>): PothosOutputFieldConfig<Types> {
    if (field.name !== 'id' || !this.modelOf(field)) return field;
    const type = field.parentType;
    return { ...field, resolve: ((row: { id: string }) => toGlobalId(type, row.id)) as never };
  }

  override wrapResolve(
    resolver: GraphQLFieldResolver<unknown, Types['Context'], object>,
    field: PothosOutputFieldConfig<Types>,
  ): GraphQLFieldResolver<unknown, Types['Context'], object> {
    const model = this.modelOf(field);
    const { authScopes, grantScopes, unauthorizedResolver } = field.pothosOptions as Record<string, unknown>;
    if (!model || authScopes || grantScopes || unauthorizedResolver) return resolver;
    const select = field.name === 'id' ? { id: true } : (field.extensions?.pothosPrismaSelect as Select);
    const isLoaded = typeof select === 'object' && select ? loadedTest(model, select) : null;
    return shortened(
      resolver as Resolver,
      field.resolve as Resolver | undefined,
      isLoaded,
    ) as typeof resolver;
  }

  modelOf({ parentType }: PothosOutputFieldConfig<Types>): string | undefined {
    const { extensions } = this.buildCache.getTypeConfig(parentType);
    return (extensions as { pothosPrismaModel?: string } | undefined)?.pothosPrismaModel;
  }
}

function shortened(
  resolver: Resolver,
  own: Resolver | undefined,
  isLoaded: ((row: Row) => boolean) | null,
): Resolver {
  return (row, args, context, info: GraphQLResolveInfo) => {
    const place = info.path.prev;
    if (!place) return resolver(row, args, context, info);
    if (own && isLoaded && seen.has(place) && isLoaded(row as Row)) return own(row, args, context, info);
    const value = resolver(row, args, context, info);
    // A type's check refuses by an error.
    if (!(value instanceof Promise)) seen.add(place);
    return value;
  };
}

/** Name of the plugin. Before all others, so that it is asked first. */
export const LOADED_ROWS = 'loadedRows';

SchemaBuilder.registerPlugin(LOADED_ROWS, LoadedRowsPlugin);
