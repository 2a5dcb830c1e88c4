// The schema as the guards walk it: fields, rules of access, dummy values for arguments.

import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { schema } from '../../src/schema.ts';

type Field = GraphQLField<unknown, unknown>;
export type Scopes = Readonly<Record<string, unknown>>;

export interface RootField {
  kind: 'query' | 'mutation' | 'subscription';
  name: string;
  field: Field;
  /** Who may: `public`, `internal`, `shopper` or the name of a permission. Null when nobody said. */
  rule: string | null;
}

/** Types that the project defines. */
export const ownTypes = (): GraphQLNamedType[] =>
  Object.values(schema.getTypeMap()).filter(
    (type) => !/^(__|String$|Int$|Float$|Boolean$|ID$)/.test(type.name),
  );

export const objectTypes = (): GraphQLObjectType[] => ownTypes().filter(isObjectType);

export const isNode = (type: GraphQLObjectType): boolean =>
  type.getInterfaces().some(({ name }) => name === 'Node');

export const fieldsOf = (type: GraphQLObjectType): Field[] => Object.values(type.getFields());

const optionsOf = (extensions: object): { authScopes?: unknown } =>
  (extensions as { pothosOptions?: { authScopes?: unknown } }).pothosOptions ?? {};

/** The Prisma model behind an object type, if there is one. */
export const modelOf = (type: GraphQLObjectType): string | undefined =>
  (type.extensions as { pothosPrismaModel?: string }).pothosPrismaModel;

/** The check that an object type declares for its rows. */
export const typeScopes = (type: GraphQLObjectType): unknown => optionsOf(type.extensions).authScopes;

/** Every field of Query, Mutation and Subscription with the rule of who may call it. */
export function rootFields(): RootField[] {
  const roots = [
    ['query', schema.getQueryType()],
    ['mutation', schema.getMutationType()],
    ['subscription', schema.getSubscriptionType()],
  ] as const;
  return roots.flatMap(([kind, type]) =>
    type ? fieldsOf(type).map((field) => ({ kind, name: field.name, field, rule: ruleOf(field) })) : [],
  );
}

function ruleOf(field: Field): string | null {
  const scopes = optionsOf(field.extensions).authScopes as Scopes | undefined;
  if (!scopes) return null;
  if (scopes.public) return 'public';
  if (scopes.internal) return 'internal';
  if (scopes.shopper) return 'shopper';
  return typeof scopes.can === 'string' ? scopes.can : null;
}

/** True for a list, however nullable. */
export const isList = (field: Field): boolean =>
  isListType(isNonNullType(field.type) ? field.type.ofType : field.type);

/** An operation that calls one root field with dummy values of the right types and selects as little as possible. */
export function operationOf({ kind, field }: RootField): {
  document: string;
  variables: Record<string, unknown>;
} {
  const required = field.args.filter((arg) => isNonNullType(arg.type));
  const variables = Object.fromEntries(required.map((arg) => [arg.name, dummyOf(arg.type)]));
  const heads = required.map((arg: GraphQLArgument) => `$${arg.name}: ${arg.type}`).join(', ');
  const args = required.map((arg) => `${arg.name}: $${arg.name}`).join(', ');
  const selection = isLeaf(field) ? '' : ' { __typename }';
  const head = heads ? `(${heads})` : '';
  return {
    document: `${kind} Probe${head} { ${field.name}${args ? `(${args})` : ''}${selection} }`,
    variables,
  };
}

const isLeaf = (field: Field): boolean => {
  const named = getNamedType(field.type);
  return !('getFields' in named) && !('getTypes' in named);
};

const dummies: Readonly<Record<string, unknown>> = {
  ID: 'bm9ib2R5',
  String: 'nobody-knows',
  Int: 1,
  Float: 1,
  Boolean: true,
  DateTime: '2026-11-22T08:00:00.000Z',
  Decimal: '1.00',
};

function dummyOf(type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return dummyOf(type.ofType);
  if (isListType(type)) return [dummyOf(type.ofType)];
  if (isEnumType(type)) return type.getValues()[0]?.name;
  if (!isInputObjectType(type)) return dummies[type.name] ?? 'x';
  const required = Object.values(type.getFields()).filter((field) => isNonNullType(field.type));
  return Object.fromEntries(required.map((field) => [field.name, dummyOf(field.type)]));
}
