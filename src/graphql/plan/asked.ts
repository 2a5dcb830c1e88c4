// What a document asks of a field, as the executor knows it.

import {
  type FieldNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  getNamedType,
  isObjectType,
} from 'graphql';

/** A field of an object as it stands in an operation, under one name of the answer. */
export interface Asked {
  /** Its name in the answer. */
  key: string;
  nodes: readonly FieldNode[];
  parentType: GraphQLObjectType;
  definition: GraphQLField<unknown, unknown>;
  /** The fields that are asked of objects of a type which it answers: always the same array. */
  inside(type: GraphQLObjectType): readonly Asked[];
}

/** What our executor tells a resolver beyond what all executors tell. */
export interface Asking {
  asked: Asked;
  argumentsOf(field: Asked): object;
}

/** What is asked of a field; null where another executor runs. */
export const askingOf = (info: GraphQLResolveInfo): Asking | null =>
  'asked' in info ? (info as GraphQLResolveInfo & Asking) : null;

/** The fields at a path inside of fields; null where an interface or a union is on the way. */
export function askedAt(fields: readonly Asked[], path: readonly string[]): readonly Asked[] | null {
  let found = fields;
  for (const name of path) {
    const inner: Asked[] = [];
    for (const field of found) {
      const type = getNamedType(field.definition.type);
      if (!isObjectType(type)) return null;
      for (const one of field.inside(type)) if (one.definition.name === name) inner.push(one);
    }
    found = inner;
  }
  return found;
}

/** True when something is asked at a path inside of a field. */
export function isAsked(info: GraphQLResolveInfo, path: readonly string[]): boolean {
  const asking = askingOf(info);
  return asking !== null && (askedAt([asking.asked], path) ?? []).length > 0;
}
