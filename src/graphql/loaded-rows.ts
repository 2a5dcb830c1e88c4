// Fields of rows that were loaded with their parents: the row answers, without asking for each field again what holds for all.

import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core';
import { RequestCache } from '@pothos/plugin-scope-auth';
import type { GraphQLFieldResolver, GraphQLResolveInfo } from 'graphql';
import { toGlobalId } from '../core/ids.ts';
import { Row } from '../core/reads/rows.ts';
import type { Context } from './context.ts';
import { holderOf, loadedFor } from './loaded-selections.ts';
import type { Selecting } from './plan.ts';
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

/** Check what a field answers for a row, and note it where the field shows it. What a promise brings, the library asks about. */
function admitRow(value: unknown, context: Context, isShowing: boolean): void {
  if (value instanceof Row) {
    if (isShowing) Row.show(value, context);
  } else if (typeof value === 'object' && value !== null && !('then' in value))
    throw new Error('a field answers an object that is no row of core/reads/rows.ts');
}

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
    const { pothosPrismaSelect: select } = (field.extensions ?? {}) as Selecting;
    const isLoaded = loadedFor(model, field.name === 'id' ? { id: true } : select);
    const answersRows = this.#answersRows(field.type);
    const mayRead = readersOf(authScopes);
    const isSeen = this.#seen(field.parentType, model);
    const { builder } = this;
    const slow = resolver as Resolver;
    const quick: Resolver = (row, args, context, info) => {
      if (
        row instanceof Row &&
        isSeen(row, context) &&
        (mayRead === null || mayRead(row, args, context, info)) &&
        isLoaded(Row.shapeOf(row), context, info)
      ) {
        const value = own(row, args, context, info);
        if (answersRows && value !== null) {
          if (Array.isArray(value)) for (const one of value) admitRow(one, context, isShowing);
          else admitRow(value, context, isShowing);
        }
        return value;
      }
      if (row instanceof Row && Row.isShown(row, context) && info.path.prev)
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
    return (extensions as Selecting | undefined)?.pothosPrismaModel;
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
    const { pothosPrismaSelect: select = {} } = extensions as Selecting;
    const isLoaded = typeof select === 'function' || grantScopes ? null : holderOf(model, select);
    // The fields of a row ask one after the other.
    let last: Row | undefined;
    let lastContext: Context | undefined;
    const isSeen = (row: Row, context: Context): boolean => {
      if (row === last && context === lastContext) return true;
      if (!isLoaded?.(Row.shapeOf(row))) return false;
      const scopes = typeof authScopes === 'function' ? authScopes(row, context) : (authScopes ?? true);
      const may = scopes === ifShown ? Row.isShown(row, context) : letIn(context.actor, scopes as Scopes);
      if (!may) return false;
      last = row;
      lastContext = context;
      return true;
    };
    this.#types.set(type, isSeen);
    return isSeen;
  }
}

/** Tells who may see a field of a row; null: whoever sees the row. */
function readersOf(scopes: FieldScopes | undefined) {
  if (scopes === undefined) return null;
  return (row: Row, args: object, context: Context, info: GraphQLResolveInfo): boolean => {
    const given = typeof scopes === 'function' ? scopes(row, args, context, info) : scopes;
    return letIn(context.actor, given as Scopes);
  };
}

/** Name of the plugin. Before all others, so that it is asked first. */
export const LOADED_ROWS = 'loadedRows';

SchemaBuilder.registerPlugin(LOADED_ROWS, LoadedRowsPlugin);
