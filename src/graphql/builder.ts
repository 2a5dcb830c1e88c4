// The Pothos builder: plugins, scopes and the few shorthands that every domain's schema.ts uses.

import SchemaBuilder from '@pothos/core';
import PrismaPlugin from '@pothos/plugin-prisma';
import RelayPlugin from '@pothos/plugin-relay';
import ScopeAuthPlugin, { AuthScopeFailureType, type ForbiddenResult } from '@pothos/plugin-scope-auth';
import type { GraphQLError, GraphQLObjectType, GraphQLSchema } from 'graphql';
import { can, isInternal, isShopper, type Permission } from '../core/actor.ts';
import { db } from '../core/db.ts';
import type { Problem } from '../core/errors.ts';
import { fromGlobalId, toGlobalId } from '../core/ids.ts';
import type { MinorMoney } from '../core/money.ts';
import type { Text } from '../core/texts.ts';
import type PrismaTypes from '../generated/pothos.ts';
import { getDatamodel } from '../generated/pothos.ts';
import type { Context } from './context.ts';
import { LOADED_ROWS } from './loaded-rows.ts';
import { loadNodes, NO_NODE, refuseMalformed } from './nodes.ts';
import { RequestError, requestError } from './request-errors.ts';

export interface SchemaTypes {
  PrismaTypes: PrismaTypes;
  Context: Context;
  DefaultFieldNullability: false;
  DefaultEdgesNullability: { list: false; items: false };
  DefaultNodeNullability: false;
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date };
    Decimal: { Input: string; Output: string };
    EventCursor: { Input: string; Output: string };
    JSON: { Input: unknown; Output: unknown };
  };
  Objects: { Money: MinorMoney };
  AuthScopes: { public: boolean; internal: boolean; shopper: boolean; can: Permission };
}

export const builder = new SchemaBuilder<SchemaTypes>({
  plugins: [LOADED_ROWS, ScopeAuthPlugin, PrismaPlugin, RelayPlugin],
  defaultFieldNullability: false,
  scopeAuth: {
    authorizeOnSubscribe: true,
    authScopes: ({ actor }) => ({
      public: true,
      internal: isInternal(actor),
      shopper: isShopper(actor),
      can: (permission) => can(actor, permission),
    }),
    unauthorizedError: (_parent, context, _info, result) => unauthorized(context, result),
  },
  prisma: {
    client: () => db,
    dmmf: getDatamodel(),
    exposeDescriptions: true,
    maxConnectionSize: 100,
    defaultConnectionSize: 20,
    onUnusedQuery: 'error',
  },
  relay: {
    encodeGlobalID: (type, id) => toGlobalId(type, String(id)),
    // What is no id is told by the field, with its place among the others.
    decodeGlobalID: (globalId) => {
      const decoded = fromGlobalId(globalId);
      return decoded ? { typename: decoded.type, id: decoded.id } : NO_NODE;
    },
    nodeQueryOptions: {
      description: 'Any object by its id; null when it does not exist or may not be seen.',
      authScopes: { public: true },
      args: { id: { description: 'Id of the object.' } },
      resolve: async (_root, { id }, context, info) => {
        refuseMalformed([id], () => ['id']);
        return (await loadNodes([id], context, info))[0];
      },
    },
    nodesQueryOptions: {
      description:
        'Objects by their ids, in the given order; null for each that does not exist or may not be seen. At most 100.',
      authScopes: { public: true },
      args: { ids: { description: 'Ids of the objects.' } },
      resolve: (_root, { ids }, context, info) => {
        if (ids.length > NODES_MAX) throw requestError('TOO_MANY_IDS', { params: { max: NODES_MAX } });
        refuseMalformed(ids, (i) => ['ids', i]);
        return loadNodes(ids, context, info);
      },
    },
    idFieldOptions: { description: 'Global id.' },
    nodeTypeOptions: { description: 'An object with an id that is unique in the graph.' },
    pageInfoTypeOptions: { description: 'Where a page lies in its list.' },
    edgesFieldOptions: { description: 'The rows of this page.', nullable: { list: false, items: false } },
    nodeFieldOptions: { description: 'The object.', nullable: false },
    cursorFieldOptions: { description: 'Place of the object in the list.' },
    pageInfoFieldOptions: { description: 'Where this page lies in the list.' },
    hasNextPageFieldOptions: {
      description: 'True when rows follow; with `last`, true when `before` was given.',
    },
    hasPreviousPageFieldOptions: {
      description: 'True when rows go before; with `first`, true when `after` was given.',
    },
    startCursorFieldOptions: { description: 'Cursor of the first row; null when there is none.' },
    endCursorFieldOptions: { description: 'Cursor of the last row; null when there is none.' },
    firstArgOptions: { description: 'How many rows from the start, or after `after`: 0 to 100. Default 20.' },
    lastArgOptions: {
      description: 'How many rows from the end, or before `before`: 0 to 100. Not with `first`.',
    },
    afterArgOptions: { description: 'Cursor to go on from, with `first`.' },
    beforeArgOptions: { description: 'Cursor to go back from, with `last`.' },
    clientMutationId: 'omit',
    cursorType: 'String',
  },
});

builder.queryType({ description: 'Reads.' });
builder.mutationType({
  description: 'Business acts. Each takes one input and answers with the object and its `userErrors`.',
});
builder.subscriptionType({ description: 'Live feeds.' });

const NODES_MAX = 100;

function unauthorized({ actor }: Context, { failure }: ForbiddenResult): GraphQLError {
  if (actor.kind === 'ANONYMOUS') return requestError('LOG_IN');
  const permission = missingPermission(failure);
  if (!permission) return requestError('NOT_FOR_CALLER');
  return requestError('PERMISSION_MISSING', {
    params: { permission },
    data: { requiredPermission: permission },
  });
}

function missingPermission(failure: ForbiddenResult['failure']): string | null {
  if (failure.kind === AuthScopeFailureType.AuthScope && failure.scope === 'can')
    return String(failure.parameter);
  if (!('failures' in failure)) return null;
  for (const inner of failure.failures) {
    const found = missingPermission(inner);
    if (found) return found;
  }
  return null;
}

/** A request that the schema's types allow and its fields do not: a bad filter, one that is not for the caller. */
export const badInput = (text: Text, problems: readonly Problem[] = []): GraphQLError =>
  new RequestError(text, 'BAD_INPUT', { problems });

const enumRefs = new Map<string, unknown>();

/** Define an enum whose values are described by their titles, in English. */
export function enumType<Values extends Record<string, Text>>(
  name: string,
  description: string,
  titles: Values,
) {
  const values = Object.fromEntries(
    Object.entries(titles).map(([value, text]) => [
      value,
      { value, description: `${text.en} (${text.zh}).` },
    ]),
  ) as unknown as { [V in keyof Values & string]: { value: V; description: string } };
  const ref = builder.enumType(name, { description, values });
  enumRefs.set(name, ref);
  return ref;
}

export const enumRef = (name: string): unknown => enumRefs.get(name);

const beforeBuild: (() => void)[] = [];

/** Define a type that depends on what all domains registered. */
export const onBuild = (define: () => void): void => {
  beforeBuild.push(define);
};

/** The finished schema. Called once, by src/schema.ts, after every domain was imported. */
export function buildSchema(): GraphQLSchema {
  for (const define of beforeBuild) define();
  const schema = builder.toSchema({ sortSchema: true });
  for (const root of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()])
    if (root) tellWhoMay(root);
  return schema;
}

/** Let the description of every root field end with who may call it, as its scopes say. */
function tellWhoMay(root: GraphQLObjectType): void {
  for (const field of Object.values(root.getFields())) {
    const { authScopes } = (field.extensions.pothosOptions ?? {}) as { authScopes?: unknown };
    const sentence = whoMay((authScopes ?? {}) as Partial<SchemaTypes['AuthScopes']>);
    field.description = [field.description, sentence].filter(Boolean).join(' ');
  }
}

function whoMay({ can: permission, internal, shopper }: Partial<SchemaTypes['AuthScopes']>): string {
  if (internal) return 'For everybody of the department.';
  if (shopper) return 'For shoppers.';
  return permission ? `Needs the permission \`${permission}\`.` : 'Needs no login.';
}
