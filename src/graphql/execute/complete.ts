// How values of fields become what the answer says of them: the rules of the specification, decided once for each field.
// https://spec.graphql.org/draft/#sec-Value-Completion

import {
  defaultTypeResolver,
  type GraphQLAbstractType,
  type GraphQLLeafType,
  type GraphQLList,
  type GraphQLNamedOutputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { after, isPromise } from '../promises.ts';
import { valueLength } from './answer-size.ts';
import type { Field, Unfinished } from './fields.ts';
import { allOf, executeFields, failOnceEnded } from './objects.ts';
import { type Info, Item, type Place, type Run } from './run.ts';

/** Completes a value that a field answered. `place` is where it stands: the field itself, or an item of its list. */
export type Complete = (run: Run, value: unknown, info: Info, place: Place) => unknown;

/** How the values of a type complete. */
export function completionOf(type: GraphQLOutputType, field: Unfinished): Complete {
  if (isNonNullType(type)) return present(completionOf(type.ofType, field), field);
  const complete = ofNullable(type, field);
  return (run, value, info, place) => {
    if (value === null || value === undefined) {
      run.write(valueLength(null));
      return null;
    }
    if (value instanceof Error) throw value;
    return complete(run, value, info, place);
  };
}

function ofNullable(
  type: GraphQLNamedOutputType | GraphQLList<GraphQLOutputType>,
  field: Unfinished,
): Complete {
  if (isLeafType(type)) return leaf(type);
  if (isListType(type)) return list(type, field);
  if (isObjectType(type)) return object(type, field);
  return abstract(type, field);
}

function present(complete: Complete, { parentType, definition }: Unfinished): Complete {
  const check = (completed: unknown): unknown => {
    if (completed === null)
      throw new Error(`Cannot return null for non-nullable field ${parentType.name}.${definition.name}.`);
    return completed;
  };
  return (run, value, info, place) => {
    const completed = complete(run, value, info, place);
    return isPromise(completed) ? completed.then(check) : check(completed);
  };
}

function leaf(type: GraphQLLeafType): Complete {
  return (run, value) => {
    const written = type.coerceOutputValue(value);
    run.write(valueLength(written));
    if (written === null || written === undefined)
      throw new Error(`${type.name} wrote nothing of a value that is there`);
    return written;
  };
}

function list(type: GraphQLList<GraphQLOutputType>, field: Unfinished): Complete {
  const complete = completionOf(type.ofType, field);
  const isNullable = !isNonNullType(type.ofType);
  const completeItem = (run: Run, item: unknown, info: Info, at: Item): unknown => {
    try {
      const completed = isPromise(item)
        ? item.then((value) => complete(run, value, info, at))
        : complete(run, item, info, at);
      return isPromise(completed)
        ? completed.then(undefined, (error) => run.fail(error, field, at, isNullable))
        : completed;
    } catch (error) {
      return run.fail(error, field, at, isNullable);
    }
  };
  return (run, value, info, place) => {
    if (!isIterable(value))
      throw new Error(`${field.parentType.name}.${field.definition.name} answered no list`);
    const items: unknown[] = [];
    let isWaiting = false;
    try {
      for (const item of value) {
        const completed = completeItem(run, item, info, new Item(place, items.length));
        isWaiting ||= isPromise(completed);
        items.push(completed);
      }
    } catch (error) {
      // Promises in the rest of the list may fail as well, and nobody would hear of it.
      return failOnceEnded(error, [...items, ...value]);
    }
    return isWaiting ? allOf(items) : items;
  };
}

const isIterable = (value: unknown): value is Iterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.iterator in value;

function object(type: GraphQLObjectType, { inside }: Unfinished): Complete {
  let fields: readonly Field[] | undefined;
  const complete: Complete = (run, value, _info, place) => {
    fields ??= inside(type);
    return executeFields(run, fields, value, place);
  };
  const { isTypeOf } = type;
  if (!isTypeOf) return complete;
  return (run, value, info, place) =>
    after(isTypeOf(value, run.context, info), (isOne) => {
      if (!isOne) throw new Error(`what was answered for ${type.name} is none`);
      return complete(run, value, info, place);
    });
}

function abstract(type: GraphQLAbstractType, field: Unfinished): Complete {
  const resolveType = type.resolveType ?? defaultTypeResolver;
  const byName = new Map<string, Complete>();
  const completeAs = (run: Run, name: string | undefined): Complete => {
    const known = byName.get(name ?? '');
    if (known) return known;
    const { schema } = run.request;
    const found = name === undefined ? undefined : schema.getType(name);
    if (!isObjectType(found) || !schema.isSubType(type, found))
      throw new Error(`what was answered for ${type.name} is none of its types, but ${name}`);
    const made = object(found, field);
    byName.set(found.name, made);
    return made;
  };
  return (run, value, info, place) =>
    after(resolveType(value, run.context, info, type), (name) =>
      completeAs(run, name)(run, value, info, place),
    );
}
