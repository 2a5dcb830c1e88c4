// What an operation asks for, worked out once: the fields of each type in it, and how their values complete.

import { collectFields } from '@graphql-tools/utils';
import {
  defaultFieldResolver,
  type FieldNode,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  isNonNullType,
  Kind,
  type SelectionSetNode,
  type ValidatedExecutionArgs,
} from 'graphql';
import type { Asked } from '../plan/asked.ts';
import { type Complete, completionOf } from './complete.ts';

/** A field with all that it takes to answer it. */
export interface Field extends Asked {
  isNullable: boolean;
  resolve: GraphQLFieldResolver<unknown, unknown>;
  complete: Complete;
  inside(type: GraphQLObjectType): readonly Field[];
}

/** A field before it is known how its values complete. */
export type Unfinished = Omit<Field, 'complete'>;

/** Answers the root fields of an operation, for one choice of what its conditions leave in. */
export type Root = () => readonly Field[];

/** What a document opens braces after. */
interface Selecting {
  selectionSet?: SelectionSetNode | undefined;
}

/** What fields are worked out from. Of the variables only those by which the operation skips and includes: it is kept. */
export interface Source
  extends Pick<ValidatedExecutionArgs, 'schema' | 'fragmentDefinitions' | 'operation' | 'variableValues'> {
  /** Hears of fields that were made. */
  onMade: (fields: number) => void;
}

type Inside = (type: GraphQLObjectType, nodes: readonly Selecting[]) => readonly Field[];

/** Work out the fields of an operation, each when it is first come to. */
export function select({ schema, fragmentDefinitions, operation, variableValues, onMade }: Source): Root {
  const inside: Inside = (type, nodes) => {
    const all = nodes.flatMap(({ selectionSet }) => selectionSet?.selections ?? []);
    const selectionSet: SelectionSetNode = { kind: Kind.SELECTION_SET, selections: all };
    const { fields } = collectFields(schema, fragmentDefinitions, variableValues, type, selectionSet);
    onMade(fields.size);
    return [...fields].flatMap(([key, nodes]) => {
      const [node] = nodes;
      const definition = node && schema.getField(type, node.name.value);
      return definition ? [fieldOf(type, definition, key, nodes, inside)] : [];
    });
  };
  let root: readonly Field[] | undefined;
  return () => {
    const type = schema.getRootType(operation.operation);
    if (!type) throw new Error(`the schema has no ${operation.operation}`);
    root ??= inside(type, [operation]);
    return root;
  };
}

function fieldOf(
  parentType: GraphQLObjectType,
  definition: GraphQLField<unknown, unknown>,
  key: string,
  nodes: readonly FieldNode[],
  inside: Inside,
): Field {
  const known = new Map<GraphQLObjectType, readonly Field[]>();
  const field: Unfinished = {
    key,
    nodes,
    parentType,
    definition,
    isNullable: !isNonNullType(definition.type),
    resolve: definition.resolve ?? defaultFieldResolver,
    inside(type) {
      const fields = known.get(type) ?? inside(type, nodes);
      known.set(type, fields);
      return fields;
    },
  };
  return Object.assign(field, { complete: completionOf(definition.type, field) });
}
