// The one gate: every operation of every transport passes `admit` before it is executed.

import {
  assertValidSchema,
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  NoSchemaIntrospectionCustomRule,
  parse,
  type SelectionSetNode,
  specifiedRules,
  validate,
} from 'graphql';
import { LRUCache } from 'lru-cache';

export interface Limits {
  /** Characters of a document. */
  characters: number;
  /** Lexical tokens of a document. */
  tokens: number;
  /** Nested selection sets, fragments followed. */
  depth: number;
  /** Aliased fields, fragments followed. */
  aliases: number;
  /** Directives in a document. */
  directives: number;
  /** Fields at the root of an operation, fragments followed. */
  rootFields: number;
  /** Fields of an operation, fragments followed. */
  fields: number;
}

export const limits: Limits = {
  characters: 100_000,
  tokens: 5_000,
  depth: 20,
  aliases: 60,
  directives: 60,
  rootFields: 30,
  fields: 3_000,
};

interface Admission {
  document?: DocumentNode;
  errors: readonly GraphQLError[];
}

export interface Gate {
  /** The parsed and validated document, or the errors for which it is refused. */
  admit(text: string): Admission;
}

/** Make the gate of a schema. Only rules that look at the document alone are cached; limits need no schema. */
export function makeGate(schema: GraphQLSchema, options: { introspection: boolean }): Gate {
  assertValidSchema(schema);
  const admitted = new LRUCache<string, Admission>({
    max: 1_000,
    maxSize: 20_000_000,
    sizeCalculation: (_, text) => text.length + 1,
  });
  const rules = options.introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
  return {
    admit(text) {
      let admission = admitted.get(text);
      if (!admission) {
        admission = examine(schema, rules, text, options.introspection);
        admitted.set(text, admission);
      }
      // Copies, because the doors write into the errors that they send.
      return { ...admission, errors: admission.errors.map((error) => coded(error, 'BAD_REQUEST')) };
    },
  };
}

function examine(
  schema: GraphQLSchema,
  rules: typeof specifiedRules,
  text: string,
  suggestions: boolean,
): Admission {
  if (text.length > limits.characters)
    return refused(`The document has more than ${limits.characters} characters.`);
  let document: DocumentNode;
  try {
    document = parse(text, { maxTokens: limits.tokens });
  } catch (error) {
    return { errors: [coded(error as GraphQLError, 'BAD_REQUEST')] };
  }
  const excess = structuralExcess(document);
  if (excess) return refused(excess);
  const errors = validate(schema, document, rules, { maxErrors: 20, hideSuggestions: !suggestions });
  return { document, errors: errors.map((error) => coded(error, 'BAD_REQUEST')) };
}

const refused = (message: string): Admission => ({
  errors: [new GraphQLError(message, { extensions: { code: 'BAD_REQUEST' } })],
});

const coded = (error: GraphQLError, code: string): GraphQLError =>
  new GraphQLError(error.message, {
    nodes: error.nodes,
    source: error.source,
    positions: error.positions,
    extensions: { code, ...error.extensions },
  });

/** The first limit that an operation of the document exceeds, in words, or null. */
function structuralExcess(document: DocumentNode): string | null {
  const fragments = new Map<string, SelectionSetNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION)
      fragments.set(definition.name.value, definition.selectionSet);
  }
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const counts = {
      depth: 0,
      aliases: 0,
      directives: definition.directives?.length ?? 0,
      rootFields: 0,
      fields: 0,
    };
    count(definition.selectionSet, 1, [], fragments, counts);
    for (const limit of Object.keys(counts) as (keyof typeof counts)[]) {
      if (counts[limit] > limits[limit])
        return `The operation has too much of one thing: ${limit} is limited to ${limits[limit]}.`;
    }
  }
  return null;
}

function count(
  selectionSet: SelectionSetNode,
  depth: number,
  within: readonly string[],
  fragments: ReadonlyMap<string, SelectionSetNode>,
  counts: { depth: number; aliases: number; directives: number; rootFields: number; fields: number },
): void {
  counts.depth = Math.max(counts.depth, depth);
  for (const selection of selectionSet.selections) {
    if (counts.fields > limits.fields || counts.depth > limits.depth) return;
    counts.directives += selection.directives?.length ?? 0;
    if (selection.kind === Kind.FIELD) {
      counts.fields++;
      if (depth === 1) counts.rootFields++;
      if (selection.alias) counts.aliases++;
      if (selection.selectionSet) count(selection.selectionSet, depth + 1, within, fragments, counts);
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      count(selection.selectionSet, depth, within, fragments, counts);
    } else if (!within.includes(selection.name.value)) {
      // Spreads cost like fields, or nested empty fragments would be counted for nothing.
      counts.fields++;
      const fragment = fragments.get(selection.name.value);
      if (fragment) count(fragment, depth, [...within, selection.name.value], fragments, counts);
    }
  }
}
