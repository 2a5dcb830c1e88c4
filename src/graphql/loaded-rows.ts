// Fields of rows that were loaded with their parents: the row answers, without asking for each field again what holds for all.

import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core';
import { RequestCache } from '@pothos/plugin-scope-auth';
import type { GraphQLFieldResolver, GraphQLResolveInfo } from 'graphql';
import { toGlobalId } from '../core/ids.ts';
import { Row, type Select } from '../core/reads.ts';
import type { Context } from './context.ts';
import { type Holds, holderOf, type SelectFunction, selectionOf } from './loaded-selections.ts';
import { perContext } from './per-context.ts';
import { letIn, type Scopes } from './scope.ts';
import { ifShown, shows } from './withheld.ts';

declare global {
  export namespace PothosSchemaTypes {
    interface Plugins<Types extends SchemaTypes> {
      loadedRows: LoadedRowsPlugin<Types>;
    }
  }
}

type Resolver = GraphQLFieldResolver<unknown, Context, object>;
type FieldScopes =
  | Scopes
  | ((row: Row, args: object, context: Context, info: GraphQLResolveInfo) => Scopes | PromiseLike<Scopes>);
type TypeScopes = Scopes | ((row: Row, context: Context) => Scopes | PromiseLike<Scopes>);

/** Rows that a field showed to whoever saw the field, each with the request that saw it. */
const shown = new WeakMap<object, Context>();

/** What a field made of rows: it answers like them. */
const made = new WeakMap<object, Context>();

/** Note what a field answers: rows, which it may show to whoever sees it. */
function mark(value: unknown, context: Context, isShowing: boolean): void {
  if (typeof value !== 'object' || value === null) return;
  if (isShowing) shown.set(value, context);
  if (!(value instanceof Row)) made.set(value, context);
}

const isRow = (value: unknown, context: Context): value is Row =>
  value instanceof Row || (typeof value === 'object' && value !== null && made.get(value) === context);

class LoadedRowsPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  readonly #types = new Map<string, (row: Row, context: Context) => boolean>();

  /** The library resolves ids by promises, which makes one of every object and of the whole answer. */
  override onOutputFieldConfig(field: PothosOutputFieldConfig<Types>): PothosOutputFieldConfig<Types> {
    if (field.name !== 'id' || !this.#modelOf(field.parentType)) return field;
    const type = field.parentType;
    return { ...field, resolve: ((row: { id: string }) => toGlobalId(type, row.id)) as never };
  }

  override wrapResolve(
    resolver: GraphQLFieldResolver<unknown, Types['Context'], object>,
    field: PothosOutputFieldConfig<Types>,
  ): GraphQLFieldResolver<unknown, Types['Context'], object> {
    const model = this.#modelOf(field.parentType);
    const { authScopes, grantScopes } = field.pothosOptions as {
      authScopes?: FieldScopes;
      grantScopes?: unknown;
    };
    const own = field.resolve as Resolver | undefined;
    const isShowing = grantScopes === shows.grantScopes;
    if (!model || !own || (grantScopes && !isShowing)) return resolver;
    const isLoaded = loadedFor(
      model,
      field.name === 'id' ? { id: true } : field.extensions?.pothosPrismaSelect,
    );
    const answersRows = this.#answersRows(field.type);
    const isSeen = this.#seen(field.parentType, model);
    const { builder } = this;
    const slow = resolver as Resolver;
    const quick: Resolver = (row, args, context, info) => {
      if (
        isRow(row, context) &&
        isSeen(row, context) &&
        (authScopes === undefined || fieldLetsIn(authScopes, row, args, context, info)) &&
        isLoaded(row, args, context, info)
      ) {
        const value = own(row, args, context, info);
        if (!answersRows) return value;
        if (Array.isArray(value)) for (const one of value) mark(one, context, isShowing);
        else mark(value, context, isShowing);
        return value;
      }
      if (shown.get(row as object) === context && info.path.prev)
        RequestCache.fromContext(context, builder as never).saveGrantedScopes(
          shows.grantScopes,
          info.path.prev,
        );
      return slow(row, args, context, info);
    };
    return quick as typeof resolver;
  }

  #modelOf(type: string): string | undefined {
    const { extensions } = this.buildCache.getTypeConfig(type);
    return (extensions as { pothosPrismaModel?: string } | undefined)?.pothosPrismaModel;
  }

  #answersRows(type: PothosOutputFieldConfig<Types>['type']): boolean {
    if (type.kind === 'List') return this.#answersRows(type.type);
    return this.#modelOf(this.buildCache.getTypeConfig(type.ref).name) !== undefined;
  }

  /** Tells whether the type of rows lets the caller see them. It may say no where the library says yes. */
  #seen(type: string, model: string): (row: Row, context: Context) => boolean {
    const known = this.#types.get(type);
    if (known) return known;
    const { pothosOptions, extensions } = this.buildCache.getTypeConfig(type);
    const { authScopes, grantScopes } = pothosOptions as { authScopes?: TypeScopes; grantScopes?: unknown };
    const { pothosPrismaSelect: select = {} } = extensions as {
      pothosPrismaSelect?: Select | SelectFunction;
    };
    const isLoaded = typeof select === 'function' || grantScopes ? null : holderOf(model, select);
    const seen = new WeakMap<Row, Context>();
    const isSeen = (row: Row, context: Context): boolean => {
      if (seen.get(row) === context) return true;
      if (!isLoaded?.(row)) return false;
      const scopes = typeof authScopes === 'function' ? authScopes(row, context) : (authScopes ?? true);
      const may = scopes === ifShown ? shown.get(row) === context : letIn(context.actor, scopes as Scopes);
      if (may) seen.set(row, context);
      return may;
    };
    this.#types.set(type, isSeen);
    return isSeen;
  }
}

function fieldLetsIn(
  scopes: FieldScopes,
  row: Row,
  args: object,
  context: Context,
  info: GraphQLResolveInfo,
): boolean {
  const given = typeof scopes === 'function' ? scopes(row, args, context, info) : scopes;
  return letIn(context.actor, given as Scopes);
}

type IsLoaded = (row: Row, args: object, context: Context, info: GraphQLResolveInfo) => boolean;

/** Tells whether rows hold what a field selects. Where that depends on arguments, it is asked once for each place in the document. */
function loadedFor(model: string, select: unknown): IsLoaded {
  if (typeof select !== 'function') {
    const holds = holderOf(model, (select ?? {}) as Select);
    return holds ? (row) => holds(row) : () => false;
  }
  const holdersIn = perContext(() => new Map<unknown, Holds | null>());
  return (row, args, context, info) => {
    const holders = holdersIn(context);
    const [place] = info.fieldNodes;
    let holds = holders.get(place);
    if (holds === undefined) {
      const selection = selectionOf(select as SelectFunction, args, context, info);
      holds = selection && holderOf(model, selection);
      holders.set(place, holds);
    }
    return holds?.(row) ?? false;
  };
}

/** Name of the plugin. Before all others, so that it is asked first. */
export const LOADED_ROWS = 'loadedRows';

SchemaBuilder.registerPlugin(LOADED_ROWS, LoadedRowsPlugin);
