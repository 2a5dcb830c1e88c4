// The fields of operations that come again and again, kept as long as there is room.

import {
  type ASTNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type ValidatedExecutionArgs,
  visit,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { type Field, type Root, select } from './fields.ts';

/** Fields that are kept, of all operations: a short document may have very many, by its fragments. Each takes about 1 KB. */
const FIELDS_MAX = 50_000;

const kept = new LRUCache<string, Root>({ maxSize: FIELDS_MAX });

/** What tells operations apart, and the variables by which they skip and include. */
interface Known {
  id: number;
  conditions: readonly string[];
}

const known = new WeakMap<OperationDefinitionNode, Known>();
let ids = 0;

/** The root fields that a request asks for. Throws BAD_REQUEST for a condition that is null. */
export function rootFieldsOf(request: ValidatedExecutionArgs): readonly Field[] {
  const { operation, variableValues } = request;
  let found = known.get(operation);
  if (!found) {
    found = { id: ids++, conditions: conditionsOf(request) };
    known.set(operation, found);
  }
  const choice = found.conditions.map((name) => (isIncluding(name, request) ? 't' : 'f')).join('');
  const key = `${found.id} ${choice}`;
  const root = kept.get(key) ?? made(key, found.conditions, request, variableValues);
  return root();
}

function made(
  key: string,
  conditions: readonly string[],
  { schema, fragmentDefinitions, operation }: ValidatedExecutionArgs,
  { sources, coerced }: ValidatedExecutionArgs['variableValues'],
): Root {
  let fields = 1;
  const only = <Value>(values: Readonly<Record<string, Value>>): Record<string, Value> =>
    Object.fromEntries(conditions.flatMap((name) => (name in values ? [[name, values[name] as Value]] : [])));
  const root = select({
    schema,
    fragmentDefinitions,
    operation,
    variableValues: { sources: only(sources), coerced: only(coerced) } as never,
    onMade: (more) => {
      fields += more;
      kept.set(key, root, { size: fields });
    },
  });
  return root;
}

function isIncluding(name: string, { variableValues, operation }: ValidatedExecutionArgs): boolean {
  const value = variableValues.coerced[name];
  if (typeof value === 'boolean') return value;
  throw new GraphQLError(`Variable "$${name}" decides what is included: it is true or false.`, {
    nodes: operation,
    extensions: { code: 'BAD_REQUEST' },
  });
}

/** Names of the variables by which an operation skips and includes, itself or in its fragments. */
function conditionsOf({ operation, fragmentDefinitions }: ValidatedExecutionArgs): string[] {
  const names = new Set<string>();
  const spread = new Set<string>();
  const look = (node: ASTNode): void => {
    visit(node, {
      Directive({ arguments: given = [] }) {
        for (const { value } of given) if (value.kind === Kind.VARIABLE) names.add(value.name.value);
      },
      FragmentSpread({ name }) {
        const fragment = fragmentDefinitions[name.value];
        if (spread.has(name.value) || !fragment) return;
        spread.add(name.value);
        look(fragment);
      },
    });
  };
  look(operation.selectionSet);
  return [...names];
}
