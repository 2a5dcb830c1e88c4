// Documents that are handed in once and executed later, for whoever handed them in: checked as a whole when they come.

import {
  type DocumentNode,
  type GraphQLError,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getVariableValues,
  isAbstractType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  TypeInfo,
  validateExecutionArgs,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { type Actor, can } from '../../core/actor.ts';
import { listEntities } from '../../core/events.ts';
import { now } from '../../core/time.ts';
import { makeGate } from '../admit.ts';
import type { Context } from '../context.ts';
import { isIn, type Scope } from '../scope.ts';
import { planOf } from '../toll/cost.ts';
import { maskError } from './answer.ts';
import { answerMillions } from './answer-size.ts';
import { deprecatedIn, type OnDeprecated } from './deprecated.ts';
import { executeRequest } from './executor.ts';

/** What is wrong with a document: as GraphQL says it, too much asked for, or a place that is not for the actor. */
type DocumentProblem =
  | { kind: 'INVALID'; why: string }
  | { kind: 'COSTLY'; objects: number; max: number }
  | { kind: 'BEYOND'; place: string; permission: string };

interface Use {
  actor: Actor;
  /** Values of the variables that a document may declare. */
  variables: Readonly<Record<string, string>>;
  /** Objects that it may ask for. */
  objectsMax: number;
}

interface StoredDocuments {
  /** Everything for which a document is refused: it must be one query, of what the actor may read. */
  problems(document: string, use: Use): DocumentProblem[];
  /** Execute a document that has no problems. Rejects when it failed for reasons that are ours. */
  run(document: string, use: Use, signal: AbortSignal): Promise<DocumentResult>;
}

interface DocumentResult {
  data: unknown;
  /** What of it could not be read, as in an answer of the API. */
  errors: readonly { message: string; path: readonly (string | number)[]; code: string }[];
}

/** Make what checks and executes documents against a schema. */
export function storedDocuments(schema: GraphQLSchema, onDeprecated: OnDeprecated): StoredDocuments {
  const deprecated = deprecatedIn(schema);
  const gate = makeGate(schema);
  const reads = new Map(listEntities().map(({ type, read }) => [type, read]));
  const admit = (document: string) => gate.admit(document, { introspects: false });
  return {
    problems(text, use) {
      const { document, errors } = admit(text);
      if (!document || errors.length > 0) return errors.map(invalid);
      const [operation, ...others] = operationsOf(document);
      if (!operation || others.length > 0 || operation.operation !== OperationTypeNode.QUERY)
        return [{ kind: 'INVALID', why: 'It must be one query, and nothing else.' }];
      const objects = planOf(schema, document, operation).requested(use.variables);
      return [
        ...variableProblems(schema, operation, use),
        ...(objects > use.objectsMax
          ? [{ kind: 'COSTLY', objects, max: use.objectsMax } satisfies DocumentProblem]
          : []),
        ...placesBeyond(schema, document, use.actor, reads),
      ];
    },

    async run(text, { actor, variables }, signal) {
      const { document } = admit(text);
      if (!document) throw new Error('the document cannot be parsed any more');
      const used = deprecated({ document });
      if (used.length > 0) onDeprecated(actor, used, now());
      const contextValue: Context = { actor, signal, extensions: {} };
      const given = { schema, document, variableValues: variables, contextValue };
      const args = validateExecutionArgs(given);
      if (!('schema' in args)) throw new Error(`the document cannot be executed: ${args[0]?.message}`);
      const { data, errors = [] } = await executeRequest(args, { millions: answerMillions(actor), signal });
      return { data, errors: errors.map((error) => told(maskError(error, actor.locale))) };
    },
  };
}

const operationsOf = ({ definitions }: DocumentNode): OperationDefinitionNode[] =>
  definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION);

function invalid({ message, locations }: GraphQLError): DocumentProblem {
  const [place] = locations ?? [];
  return { kind: 'INVALID', why: place ? `${message} (${place.line}:${place.column})` : message };
}

/** Variables that a document requires and nobody gives, or wants of another type. */
function variableProblems(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  { variables }: Use,
): DocumentProblem[] {
  const { errors = [] } = getVariableValues(schema, variableDefinitions, variables, {
    hideSuggestions: true,
  });
  return errors.map(invalid);
}

function told(error: GraphQLError): DocumentResult['errors'][number] {
  const code = String(error.extensions.code);
  if (code === 'INTERNAL' || code === 'OVERLOADED') throw error;
  return { message: error.message, path: error.path ?? [], code };
}

type Options = { authScopes?: unknown; grantScopes?: unknown };
const optionsOf = ({ extensions }: { extensions: object }): Options =>
  (extensions as { pothosOptions?: Options }).pothosOptions ?? {};

/**
 * Fields and types of a document that the actor may never read, whatever the object: as their scopes say, and the
 * permissions with which objects of a type are read. What depends on the object shows when it is read.
 */
function placesBeyond(
  schema: GraphQLSchema,
  document: DocumentNode,
  actor: Actor,
  reads: ReadonlyMap<string, Parameters<typeof can>[1] | null>,
): DocumentProblem[] {
  const beyond = new Map<string, string>();
  const checkType = (type: GraphQLNamedType | null | undefined) => {
    if (!isObjectType(type)) return;
    const read = reads.get(type.name);
    if (read && !can(actor, read)) beyond.set(type.name, read);
    checkScopes(type.name, optionsOf(type).authScopes);
  };
  const checkScopes = (place: string, scopes: unknown) => {
    const needed = missing(actor, scopes);
    if (needed) beyond.set(place, needed);
  };
  const fragments = new Map(
    document.definitions.flatMap((one) =>
      one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one.typeCondition.name.value]] : [],
    ),
  );
  const info = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(info, {
      Field() {
        const [field, parent] = [info.getFieldDef(), info.getParentType()];
        if (!field || !parent) return;
        const { authScopes, grantScopes } = optionsOf(field);
        if (authScopes) checkScopes(`${parent.name}.${field.name}`, authScopes);
        else if (!grantScopes) checkType(getNamedType(field.type));
      },
      // On what is one of several types, a fragment says which.
      InlineFragment({ typeCondition }) {
        if (typeCondition && isAbstractType(info.getParentType()))
          checkType(schema.getType(typeCondition.name.value));
      },
      FragmentSpread({ name }) {
        if (isAbstractType(info.getParentType())) checkType(schema.getType(fragments.get(name.value) ?? ''));
      },
    }),
  );
  return [...beyond].map(([place, permission]) => ({ kind: 'BEYOND', place, permission }));
}

/** What the actor would need, where none of the scopes lets them in. Null when one does, or when they depend on the object. */
function missing(actor: Actor, scopes: unknown): string | null {
  if (typeof scopes !== 'object' || scopes === null) return null;
  const { can: permission, ...others } = scopes as Readonly<Record<string, unknown>>;
  const needed = [...(permission === undefined ? [] : [String(permission)]), ...Object.keys(others)];
  return needed.some((scope) => isIn(actor, scope as Scope)) ? null : (needed[0] ?? null);
}
