// The one gate: every operation of every transport passes `admit` before it is executed.

import {
  assertValidSchema,
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  Lexer,
  NoSchemaIntrospectionCustomRule,
  parse,
  type SelectionSetNode,
  Source,
  specifiedRules,
  TokenKind,
  validate,
} from 'graphql';
import { LRUCache } from 'lru-cache';

export interface Limits {
  /** Characters of a document. */
  characters: number;
  /** Lexical tokens of a document. */
  tokens: number;
  /** Braces, brackets and parentheses inside one another: parsing nests as deep. */
  nesting: number;
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
  /** Times that one object is asked for fields under one name, or for fragments: all pairs of them are compared. */
  repeats: number;
  /** Fields of all fragments by themselves, those that they spread followed. */
  fragmentFields: number;
  /** Characters of an alias: answers repeat it for every object. */
  aliasCharacters: number;
}

export const limits: Limits = {
  characters: 100_000,
  tokens: 5_000,
  nesting: 100,
  depth: 20,
  aliases: 60,
  directives: 60,
  rootFields: 30,
  fields: 3_000,
  repeats: 100,
  fragmentFields: 10_000,
  aliasCharacters: 100,
};

interface Admission {
  document?: DocumentNode;
  errors: readonly GraphQLError[];
}

export interface Gate {
  /** The parsed and validated document, or the errors for which it is refused. */
  admit(text: string, caller: { introspects: boolean }): Admission;
}

/** Make the gate of a schema. Only rules that look at the document alone are cached; limits need no schema. */
export function makeGate(schema: GraphQLSchema): Gate {
  assertValidSchema(schema);
  // Whoever may not read the schema gets no names of it suggested either, so what they were told is kept apart.
  const kept = { open: admissions(), closed: admissions() };
  return {
    admit(text, { introspects }) {
      const admitted = introspects ? kept.open : kept.closed;
      let admission = admitted.get(text);
      if (!admission) {
        admission = examine(schema, text, introspects);
        admitted.set(text, admission);
      }
      // Copies, because the doors write into the errors that they send.
      return { ...admission, errors: admission.errors.map((error) => coded(error, 'BAD_REQUEST')) };
    },
  };
}

const admissions = () =>
  new LRUCache<string, Admission>({
    max: 1_000,
    maxSize: 20_000_000,
    sizeCalculation: (_, text) => text.length + 1,
  });

const closedRules = [...specifiedRules, NoSchemaIntrospectionCustomRule];

function examine(schema: GraphQLSchema, text: string, introspects: boolean): Admission {
  if (text.length > limits.characters)
    return refused(`The document has more than ${limits.characters} characters.`);
  let document: DocumentNode;
  try {
    if (isNestedTooDeep(text)) return refused(excess('document', 'nesting'));
    document = parse(text, { maxTokens: limits.tokens });
  } catch (error) {
    return { errors: [coded(error as GraphQLError, 'BAD_REQUEST')] };
  }
  const tooMuch = structuralExcess(document);
  if (tooMuch) return refused(tooMuch);
  const rules = introspects ? specifiedRules : closedRules;
  const errors = validate(schema, document, rules, { maxErrors: 20, hideSuggestions: !introspects });
  return { document, errors: errors.map((error) => coded(error, 'BAD_REQUEST')) };
}

/** Looks at no more tokens than are parsed. */
function isNestedTooDeep(text: string): boolean {
  const lexer = new Lexer(new Source(text));
  let nesting = 0;
  for (let tokens = 0; tokens <= limits.tokens; tokens++) {
    const { kind } = lexer.advance();
    if (kind === TokenKind.EOF) return false;
    if (kind === TokenKind.BRACE_L || kind === TokenKind.BRACKET_L || kind === TokenKind.PAREN_L) nesting++;
    if (kind === TokenKind.BRACE_R || kind === TokenKind.BRACKET_R || kind === TokenKind.PAREN_R) nesting--;
    if (nesting > limits.nesting) return true;
  }
  return false;
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

type Counts = Record<
  'depth' | 'aliases' | 'aliasCharacters' | 'directives' | 'rootFields' | 'fields' | 'repeats',
  number
>;

const nothing = (directives = 0): Counts => ({
  depth: 0,
  aliases: 0,
  aliasCharacters: 0,
  directives,
  rootFields: 0,
  fields: 0,
  repeats: 0,
});

/** The first limit that a document exceeds, in words, or null. Fragments count where they are used, and by themselves. */
function structuralExcess(document: DocumentNode): string | null {
  const fragments = new Map<string, SelectionSetNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION)
      fragments.set(definition.name.value, definition.selectionSet);
  }
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const counts = nothing(definition.directives?.length);
    measure([definition.selectionSet], 1, { fragments, counts, fieldsMax: limits.fields });
    for (const limit of Object.keys(counts) as (keyof Counts)[])
      if (counts[limit] > limits[limit]) return excess('operation', limit);
  }
  // Validation looks at fragments that nothing uses as well.
  const counts = nothing();
  for (const selectionSet of fragments.values())
    measure([selectionSet], 2, { fragments, counts, fieldsMax: limits.fragmentFields });
  if (counts.fields > limits.fragmentFields) return excess('document', 'fragmentFields');
  return counts.repeats > limits.repeats ? excess('document', 'repeats') : null;
}

const excess = (where: 'operation' | 'document', limit: keyof Limits): string =>
  `The ${where} has too much of one thing: ${limit} is limited to ${limits[limit]}.`;

interface Measuring {
  fragments: ReadonlyMap<string, SelectionSetNode>;
  counts: Counts;
  /** Fields after which there is nothing more to be found out. */
  fieldsMax: number;
}

/** Count what is selected of one object by several selection sets, as execution merges them. */
function measure(selectionSets: readonly SelectionSetNode[], depth: number, measuring: Measuring): void {
  const { fragments, counts, fieldsMax } = measuring;
  const merged = new Map<string, SelectionSetNode[]>();
  const repeats = new Map<string, number>();
  const repeat = (name: string) => {
    const times = (repeats.get(name) ?? 0) + 1;
    repeats.set(name, times);
    counts.repeats = Math.max(counts.repeats, times);
  };
  const collect = ({ selections }: SelectionSetNode, within: readonly string[]): void => {
    for (const selection of selections) {
      if (counts.fields > fieldsMax || counts.depth > limits.depth) return;
      counts.directives += selection.directives?.length ?? 0;
      if (selection.kind === Kind.FIELD) {
        counts.fields++;
        if (depth === 1) counts.rootFields++;
        if (selection.alias) {
          counts.aliases++;
          counts.aliasCharacters = Math.max(counts.aliasCharacters, selection.alias.value.length);
        }
        const name = (selection.alias ?? selection.name).value;
        repeat(name);
        if (selection.selectionSet) merged.set(name, [...(merged.get(name) ?? []), selection.selectionSet]);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        collect(selection.selectionSet, within);
      } else if (!within.includes(selection.name.value)) {
        // Spreads cost like fields, or nested empty fragments would be counted for nothing.
        counts.fields++;
        repeat('...');
        const fragment = fragments.get(selection.name.value);
        if (fragment) collect(fragment, [...within, selection.name.value]);
      }
    }
  };
  counts.depth = Math.max(counts.depth, depth);
  for (const selectionSet of selectionSets) collect(selectionSet, []);
  for (const below of merged.values()) measure(below, depth + 1, measuring);
}
