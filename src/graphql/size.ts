// How much an operation asks for, with its own variables: counted before it runs, on every request.

import type { ExecutionArgs } from 'graphql';
import {
  type FieldNode,
  type GraphQLError,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { PAGE_DEFAULT } from './page.ts';
import { requestError } from './request-errors.ts';

/** Objects that one operation may ask for: nested lists multiply. */
const OBJECTS_MAX = 25_000;
const OBJECTS_MAX_ANONYMOUS = 2_500;

type Fragments = ReadonlyMap<string, SelectionSetNode>;
type Variables = Readonly<Record<string, unknown>>;

/** The error with which an operation is refused that asks for too much; null for any other. */
export function tooCostly(args: ExecutionArgs, isAnonymous: boolean): GraphQLError | null {
  const operation = getOperationAST(args.document, args.operationName);
  if (!operation) return null;
  const fragments = new Map<string, SelectionSetNode>();
  for (const definition of args.document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION)
      fragments.set(definition.name.value, definition.selectionSet);
  }
  const max = isAnonymous ? OBJECTS_MAX_ANONYMOUS : OBJECTS_MAX;
  const variables = { ...defaultsOf(operation), ...args.variableValues };
  const objects = countObjects(operation.selectionSet, fragments, variables);
  if (objects <= max) return null;
  return requestError('TOO_COSTLY', { params: { objects, max }, data: { objects, max } });
}

/** Sizes that variables have when the request does not give them. */
const defaultsOf = ({ variableDefinitions }: OperationDefinitionNode): Variables =>
  Object.fromEntries(
    (variableDefinitions ?? []).flatMap(({ variable, defaultValue }) =>
      defaultValue?.kind === Kind.INT ? [[variable.name.value, Number(defaultValue.value)]] : [],
    ),
  );

/** Objects that a selection can bring: each list multiplies what is selected below it by its size. */
function countObjects(selectionSet: SelectionSetNode, fragments: Fragments, variables: Variables): number {
  let objects = 0;
  for (const selection of selectionSet.selections) {
    if (selection.kind === Kind.FIELD) {
      if (!selection.selectionSet) continue;
      objects +=
        sizeOf(selection, fragments, variables) *
        (1 + countObjects(selection.selectionSet, fragments, variables));
    } else {
      const inner =
        selection.kind === Kind.INLINE_FRAGMENT
          ? selection.selectionSet
          : fragments.get(selection.name.value);
      if (inner) objects += countObjects(inner, fragments, variables);
    }
  }
  return objects;
}

/** Size of a field's list: as its arguments say, the default where it has edges and no size, 1 where it is no list. */
function sizeOf(field: FieldNode, fragments: Fragments, variables: Variables): number {
  for (const { name, value } of field.arguments ?? []) {
    if (name.value !== 'first' && name.value !== 'last' && name.value !== 'ids') continue;
    const given = value.kind === Kind.VARIABLE ? variables[value.name.value] : undefined;
    if (value.kind === Kind.INT) return Math.max(0, Number(value.value));
    if (typeof given === 'number') return Math.max(0, given);
    if (Array.isArray(given)) return given.length;
    if (value.kind === Kind.LIST) return value.values.length;
  }
  return hasEdges(field.selectionSet, fragments) ? PAGE_DEFAULT : 1;
}

const hasEdges = (selectionSet: SelectionSetNode | undefined, fragments: Fragments): boolean =>
  selectionSet?.selections.some((selection) =>
    selection.kind === Kind.FIELD
      ? selection.name.value === 'edges'
      : hasEdges(
          selection.kind === Kind.INLINE_FRAGMENT
            ? selection.selectionSet
            : fragments.get(selection.name.value),
          fragments,
        ),
  ) ?? false;
