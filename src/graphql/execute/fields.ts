// What an operation asks for, worked out once: the fields of each type in it, their arguments, and how their values complete.

import { collectFields } from '@graphql-tools/utils';
import {
  defaultFieldResolver,
  type FieldNode,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getArgumentValues,
  isNonNullType,
  Kind,
  type SelectionSetNode,
  type ValidatedExecutionArgs,
} from 'graphql';
import { type Complete, completionOf } from './complete.ts';
import type { Run } from './run.ts';

/** A field of an object as it stands in an operation, under one name of the answer. */
export interface Asked {
  /** Its name in the answer. */
  key: string;
  nodes: readonly FieldNode[];
  parentType: GraphQLObjectType;
  name: string;
  type: GraphQLOutputType;
}

/** A field with all that it takes to answer it. */
export interface Field extends Asked {
  isNullable: boolean;
  resolve: GraphQLFieldResolver<unknown, unknown>;
  argumentsOf: (run: Run) => object;
  complete: Complete;
}

/** The fields of an operation, for one choice of what its conditions leave in. */
export interface Selections {
  root(): readonly Field[];
  /** Fields inside of others that answer objects of a type. */
  inside(type: GraphQLObjectType, nodes: readonly FieldNode[]): readonly Field[];
}

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

/** Work out the fields of an operation, each when it is first come to. */
export function select({
  schema,
  fragmentDefinitions,
  operation,
  variableValues,
  onMade,
}: Source): Selections {
  const inside = (type: GraphQLObjectType, nodes: readonly Selecting[]): Field[] => {
    const all = nodes.flatMap(({ selectionSet }) => selectionSet?.selections ?? []);
    const selectionSet: SelectionSetNode = { kind: Kind.SELECTION_SET, selections: all };
    const { fields } = collectFields(schema, fragmentDefinitions, variableValues, type, selectionSet);
    onMade(fields.size);
    return [...fields].flatMap(([key, nodes]) => {
      const [node] = nodes;
      const definition = node && schema.getField(type, node.name.value);
      return definition ? [fieldOf(type, definition, key, nodes, selections)] : [];
    });
  };
  let root: Field[] | undefined;
  const selections: Selections = {
    root() {
      const type = schema.getRootType(operation.operation);
      if (!type) throw new Error(`the schema has no ${operation.operation}`);
      root ??= inside(type, [operation]);
      return root;
    },
    inside,
  };
  return selections;
}

function fieldOf(
  parentType: GraphQLObjectType,
  definition: GraphQLField<unknown, unknown>,
  key: string,
  nodes: readonly FieldNode[],
  selections: Selections,
): Field {
  const { name, type, resolve = defaultFieldResolver } = definition;
  const asked: Asked = { key, nodes, parentType, name, type };
  return {
    ...asked,
    isNullable: !isNonNullType(type),
    resolve,
    argumentsOf: argumentsOf(definition, nodes),
    complete: completionOf(type, asked, selections),
  };
}

const NONE = Object.freeze({});

/** The arguments of a field. They are the same for every object of a request, so they are read once, and nobody changes them. */
function argumentsOf(
  definition: GraphQLField<unknown, unknown>,
  [node]: readonly FieldNode[],
): Field['argumentsOf'] {
  if (!node || definition.args.length === 0) return () => NONE;
  const reader = ({ request }: Run) => {
    const { variableValues, hideSuggestions } = request;
    return Object.freeze(getArgumentValues(definition, node, variableValues, undefined, hideSuggestions));
  };
  return (run) => run.argumentsBy(reader);
}
