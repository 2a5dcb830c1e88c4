// One run of an operation: its request, its errors, and the places at which its fields stand.

import {
  type FieldNode,
  type GraphQLError,
  type GraphQLResolveInfo,
  getArgumentValues,
  locatedError,
  responsePathAsArray,
  type ValidatedExecutionArgs,
} from 'graphql';
import type { Asked, Asking } from '../plan/asked.ts';
import { requestError } from '../request-errors.ts';

const NONE = Object.freeze({});

/** What all fields of one run share. */
export class Run {
  readonly request: ValidatedExecutionArgs;
  readonly context: unknown;
  readonly signal: AbortSignal | undefined;
  readonly errors: GraphQLError[] = [];
  /** Why nothing more is resolved. */
  over: unknown;
  #charactersLeft: number;
  readonly #millions: number;
  readonly #arguments = new Map<Asked, object>();

  constructor(request: ValidatedExecutionArgs, millions: number, signal: AbortSignal | undefined) {
    this.request = request;
    this.context = request.contextValue;
    this.signal = signal;
    this.#millions = millions;
    this.#charactersLeft = millions * 1_000_000;
  }

  /** Count characters of the answer. When they are too many, it throws and the run is over; a mutation goes on to its end. */
  write(characters: number): void {
    this.#charactersLeft -= characters;
    if (this.#charactersLeft > 0 || this.request.operation.operation === 'mutation') return;
    this.over ??= this.excess;
    throw this.over;
  }

  /** The error in place of an answer that has become too long. */
  get excess(): GraphQLError | null {
    if (this.#charactersLeft > 0) return null;
    return requestError('ANSWER_TOO_LONG', { params: { max: this.#millions } });
  }

  /** The arguments of a field. They are the same for every object of a request, so they are read once, and nobody changes them. */
  argumentsOf(field: Asked): object {
    const { nodes, definition } = field;
    const [node] = nodes;
    if (!node || definition.args.length === 0) return NONE;
    let found = this.#arguments.get(field);
    if (!found) {
      const { variableValues, hideSuggestions } = this.request;
      found = Object.freeze(getArgumentValues(definition, node, variableValues, undefined, hideSuggestions));
      this.#arguments.set(field, found);
    }
    return found;
  }

  /** A value that failed: null, and an error at its place. Throws where it may not be null: then what it stands in has failed. */
  fail(error: unknown, field: Asked, place: Place, isNullable: boolean): null {
    if (this.over !== undefined) throw this.over;
    const located = locatedError(error, field.nodes, responsePathAsArray(place.path));
    if (!isNullable) throw located;
    this.errors.push(located);
    return null;
  }
}

type Path = GraphQLResolveInfo['path'];

/** A place in the answer. */
export type Place = Info | Item;

/** What a resolver is told of its field. One is made for each value of the answer, so it holds little, and makes the rest when asked. */
export class Info implements GraphQLResolveInfo, Asking {
  readonly asked: Asked;
  readonly #run: Run;
  readonly #inside: Place | undefined;
  #path: Path | undefined;

  constructor(run: Run, field: Asked, inside: Place | undefined) {
    this.asked = field;
    this.#run = run;
    this.#inside = inside;
  }

  argumentsOf(field: Asked): object {
    return this.#run.argumentsOf(field);
  }

  /** Libraries know a place by this object. */
  get path(): Path {
    const { key, parentType } = this.asked;
    this.#path ??= { prev: this.#inside?.path, key, typename: parentType.name };
    return this.#path;
  }

  get fieldName(): string {
    return this.asked.definition.name;
  }

  get fieldNodes(): readonly FieldNode[] {
    return this.asked.nodes;
  }

  get returnType(): GraphQLResolveInfo['returnType'] {
    return this.asked.definition.type;
  }

  get parentType(): GraphQLResolveInfo['parentType'] {
    return this.asked.parentType;
  }

  get schema(): GraphQLResolveInfo['schema'] {
    return this.#run.request.schema;
  }

  get fragments(): GraphQLResolveInfo['fragments'] {
    return this.#run.request.fragmentDefinitions;
  }

  get rootValue(): unknown {
    return this.#run.request.rootValue;
  }

  get operation(): GraphQLResolveInfo['operation'] {
    return this.#run.request.operation;
  }

  get variableValues(): GraphQLResolveInfo['variableValues'] {
    return this.#run.request.variableValues;
  }

  get getAbortSignal(): GraphQLResolveInfo['getAbortSignal'] {
    return () => this.#run.signal;
  }

  /** Nothing here waits for work that a resolver does not answer, so there is nothing to track. */
  get getAsyncHelpers(): GraphQLResolveInfo['getAsyncHelpers'] {
    return () => ({ promiseAll: (values) => Promise.all(values), track: () => {} });
  }
}

/** An item of a list. */
export class Item {
  readonly #inside: Place;
  readonly #index: number;
  #path: Path | undefined;

  constructor(inside: Place, index: number) {
    this.#inside = inside;
    this.#index = index;
  }

  get path(): Path {
    this.#path ??= { prev: this.#inside.path, key: this.#index, typename: undefined };
    return this.#path;
  }
}
