// What operations cost, as Shopify counts: the objects that they ask for, lists at the size that is asked for. A plan
// is made once of each operation and priced with the variables of every request.
// https://shopify.dev/docs/api/usage/limits#graphql-admin-api-rate-limits

import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import { PAGE_DEFAULT } from '../page.ts';

/** Objects for which a mutation counts before its answer: it locks, writes and tells. */
const MUTATION_OBJECTS = 10;
/** Objects for which a list counts whose size no argument tells. Such lists are short, but for those that say `listSize`. */
const SHORT_LIST = 3;
/** Fields that answer no objects, or none of ours, and cost work all the same. */
const FLAT_OBJECTS: Readonly<Record<string, number>> = { totalCount: 10, __schema: 500, __type: 50 };

type Variables = Readonly<Record<string, unknown>>;
type Count = (variables: Variables) => number;

export interface Plan {
  /** Objects that the operation asks for. */
  requested: Count;
  /** Objects that it came to: lists count with what is in them, all else as requested. */
  actual(variables: Variables, data: unknown): number;
}

/** A field of a selection that answers objects. */
interface Step {
  key: string;
  /** Name of the field in the schema. */
  name: string;
  isAsked: (variables: Variables) => boolean;
  /** What the field costs beside what it answers: the work that a mutation is asked to do. */
  work: Count;
  /** True for mutations. */
  isAct: boolean;
  /** Objects in the field's list, at most; null where it answers one object. */
  size: Count | null;
  selected: Selected;
}

/** What is selected of an object. Of alternatives, each for one type, an object is one. */
interface Selected {
  always: readonly Step[];
  alternatives: ReadonlyMap<string, readonly Step[]>;
}

const NOTHING: Selected = { always: [], alternatives: new Map() };

const plans = new WeakMap<OperationDefinitionNode, Plan>();

/** The plan of an operation of a valid document. */
export function planOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): Plan {
  const made = plans.get(operation);
  if (made) return made;
  const root = schema.getRootType(operation.operation);
  if (!root) throw new Error(`the schema has no ${operation.operation}`);
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  const planner: Planner = { schema, fragments };
  const selected = select(planner, root, [operation.selectionSet], null);
  const defaults = defaultsOf(operation);
  const plan: Plan = {
    requested: (variables) => Math.max(1, askedFor(selected, { ...defaults, ...variables })),
    actual: (variables, data) => Math.max(1, cameTo(selected, { ...defaults, ...variables }, data)),
  };
  plans.set(operation, plan);
  return plan;
}

interface Planner {
  schema: GraphQLSchema;
  fragments: ReadonlyMap<string, FragmentDefinitionNode>;
}

/** Values that variables have when a request does not give them. */
const defaultsOf = ({ variableDefinitions }: OperationDefinitionNode): Variables =>
  Object.fromEntries(
    (variableDefinitions ?? []).flatMap(({ variable, defaultValue }) =>
      defaultValue ? [[variable.name.value, givenBy(defaultValue, {})]] : [],
    ),
  );

const askedFor = (selected: Selected, variables: Variables): number =>
  mostOf(selected, (steps) => sumOf(steps, variables));

/** What is always selected, with the alternative that comes to most. */
function mostOf({ always, alternatives }: Selected, sum: (steps: readonly Step[]) => number): number {
  let most = 0;
  for (const steps of alternatives.values()) most = Math.max(most, sum(steps));
  return sum(always) + most;
}

const sumOf = (steps: readonly Step[], variables: Variables): number => {
  let sum = 0;
  for (const step of steps) if (step.isAsked(variables)) sum += stepAsksFor(step, variables);
  return sum;
};

const stepAsksFor = (step: Step, variables: Variables): number =>
  step.work(variables) + (step.size?.(variables) ?? 1) * (1 + askedFor(step.selected, variables));

/** As `askedFor`, but lists count with what is in them. What is null may have cost all of it. */
function cameTo(selected: Selected, variables: Variables, value: unknown): number {
  if (typeof value !== 'object' || value === null) return askedFor(selected, variables);
  const object = value as Readonly<Record<string, unknown>>;
  return mostOf(selected, (steps) => {
    let objects = 0;
    for (const step of steps)
      if (step.isAsked(variables)) objects += stepCameTo(step, variables, object[step.key]);
    return objects;
  });
}

function stepCameTo(step: Step, variables: Variables, value: unknown): number {
  if (!step.size) {
    const selected = step.isAct ? readOf(step.selected, value) : step.selected;
    return step.work(variables) + 1 + cameTo(selected, variables, value);
  }
  if (!Array.isArray(value)) return stepAsksFor(step, variables);
  let objects = step.work(variables);
  for (const item of value) objects += 1 + cameTo(step.selected, variables, item);
  return objects;
}

/** What was read for the payload of an act: nothing for what is null because the act was refused. */
function readOf(selected: Selected, value: unknown): Selected {
  const payload = value as Readonly<Record<string, unknown>>;
  const errors = selected.always.find(({ name }) => name === 'userErrors');
  const refusals = errors && payload?.[errors.key];
  if (!Array.isArray(refusals) || refusals.length === 0) return selected;
  return { ...selected, always: selected.always.filter(({ key }) => payload[key] !== null) };
}

/** A field as it stands in a document, with what decides whether it is asked for. */
interface Found {
  field: FieldNode;
  conditions: readonly Condition[];
}

type Condition = (variables: Variables) => boolean;

/** Plan what is selected of a type. `page` is the size of the connection that the type is, where it is one. */
function select(
  planner: Planner,
  type: GraphQLCompositeType,
  selectionSets: readonly SelectionSetNode[],
  page: Count | null,
): Selected {
  const byType = new Map<string, { type: GraphQLCompositeType; fields: Map<string, Found[]> }>();
  const collect = (
    on: GraphQLCompositeType,
    selections: readonly SelectionNode[],
    outer: readonly Condition[],
  ): void => {
    for (const selection of selections) {
      const conditions = [...outer, ...conditionsOf(selection)];
      if (selection.kind === Kind.FIELD) {
        const entry = byType.get(on.name) ?? { type: on, fields: new Map<string, Found[]>() };
        byType.set(on.name, entry);
        const key = selection.alias?.value ?? selection.name.value;
        entry.fields.set(key, [...(entry.fields.get(key) ?? []), { field: selection, conditions }]);
        continue;
      }
      const fragment =
        selection.kind === Kind.INLINE_FRAGMENT ? selection : planner.fragments.get(selection.name.value);
      if (!fragment) continue;
      const named = fragment.typeCondition && planner.schema.getType(fragment.typeCondition.name.value);
      collect(narrower(on, named), fragment.selectionSet.selections, conditions);
    }
  };
  for (const { selections } of selectionSets) collect(type, selections, []);
  const alternatives = new Map<string, readonly Step[]>();
  let always: readonly Step[] = [];
  for (const entry of byType.values()) {
    const steps = [...entry.fields].flatMap(([key, found]) => stepOf(planner, entry.type, key, found, page));
    if (isObjectType(entry.type) && entry.type !== type) alternatives.set(entry.type.name, steps);
    else always = [...always, ...steps];
  }
  return { always, alternatives };
}

/** The type of which a fragment selects: the one that it names, else the one that it stands in. */
const narrower = (on: GraphQLCompositeType, named: unknown): GraphQLCompositeType =>
  isCompositeType(named) ? named : on;

function stepOf(
  planner: Planner,
  type: GraphQLCompositeType,
  key: string,
  found: readonly Found[],
  page: Count | null,
): Step[] {
  const [first] = found;
  if (!first || !('getFields' in type)) return [];
  const isAsked = (variables: Variables) =>
    found.some(({ conditions }) => conditions.every((condition) => condition(variables)));
  const flat = FLAT_OBJECTS[first.field.name.value];
  const { value: name } = first.field.name;
  if (flat)
    return [{ key, name, isAsked, isAct: false, work: () => flat - 1, size: null, selected: NOTHING }];
  const definition = type.getFields()[first.field.name.value];
  const answered = definition && getNamedType(definition.type);
  if (!definition || !isCompositeType(answered)) return [];
  const selectionSets = found.flatMap(({ field }) => (field.selectionSet ? [field.selectionSet] : []));
  const isConnection = answered.name.endsWith('Connection');
  const isList = isListType(getNullableType(definition.type));
  const asked = argumentSize(first.field);
  const pageSize: Count = asked ?? (() => PAGE_DEFAULT);
  const { listSize = SHORT_LIST } = definition.extensions as { listSize?: number };
  const size: Count | null = isList ? (page ?? asked ?? (() => listSize)) : null;
  const isAct = type === planner.schema.getMutationType();
  return [
    {
      key,
      name,
      isAsked,
      isAct,
      work: isAct ? workOf(first.field) : () => 0,
      size,
      selected: select(planner, answered, selectionSets, isConnection ? pageSize : null),
    },
  ];
}

/** The size that a field's arguments ask for; null where they name none. */
function argumentSize({ arguments: given = [] }: FieldNode): Count | null {
  const sizes = given.filter(({ name }) => ['first', 'last', 'ids'].includes(name.value));
  if (sizes.length === 0) return null;
  return (variables) => {
    const values = sizes.map(({ value }) => givenBy(value, variables));
    const asked = values.find((value) => typeof value === 'number' || Array.isArray(value));
    if (Array.isArray(asked)) return asked.length;
    return typeof asked === 'number' ? Math.max(0, asked) : PAGE_DEFAULT;
  };
}

/** A mutation counts for itself and for each item of the lists that it is given. */
const workOf =
  ({ arguments: given = [] }: FieldNode): Count =>
  (variables) =>
    given.reduce((sum, { value }) => sum + itemsIn(givenBy(value, variables)), MUTATION_OBJECTS);

/** Nothing that fits an input type is nested deeper. What is, is refused later. */
const INPUT_DEPTH_MAX = 20;

function itemsIn(value: unknown, depth = 0): number {
  if (typeof value !== 'object' || value === null || depth > INPUT_DEPTH_MAX) return 0;
  const items = Object.values(value).reduce<number>((sum, item) => sum + itemsIn(item, depth + 1), 0);
  return Array.isArray(value) ? value.length + items : items;
}

const conditionsOf = ({ directives = [] }: SelectionNode): Condition[] =>
  directives.flatMap((directive): Condition[] => {
    const name = directive.name.value;
    const value = directive.arguments?.find((argument) => argument.name.value === 'if')?.value;
    if (!value || (name !== 'skip' && name !== 'include')) return [];
    return [(variables) => (givenBy(value, variables) === true) === (name === 'include')];
  });

/** The value of a literal or variable, as far as counting needs it. */
function givenBy(node: ValueNode, variables: Variables): unknown {
  if (node.kind === Kind.VARIABLE) return variables[node.name.value];
  if (node.kind === Kind.LIST) return node.values.map((item) => givenBy(item, variables));
  if (node.kind === Kind.OBJECT)
    return Object.fromEntries(node.fields.map(({ name, value }) => [name.value, givenBy(value, variables)]));
  if (node.kind === Kind.INT) return Number(node.value);
  if (node.kind === Kind.BOOLEAN) return node.value;
  return null;
}
