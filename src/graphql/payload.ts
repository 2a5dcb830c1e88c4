// Mutations: one input, one transaction, one payload with `userErrors`. Nothing else turns refusals into answers.

import type { GraphQLResolveInfo } from 'graphql';
import type { z } from 'zod';
import type { Actor } from '../core/actor.ts';
import { db, type Tx, transact } from '../core/db.ts';
import { DomainError, errorCodes, messageOf, type Problem, refuseIf } from '../core/errors.ts';
import { type Outcome, once } from '../core/idempotency.ts';
import { problemsOf } from '../core/inputs.ts';
import { now } from '../core/time.ts';
import { builder, onBuild, type SchemaTypes } from './builder.ts';
import type { Context } from './context.ts';
import { inputType, withoutNulls } from './input.ts';
import { isVisible } from './nodes.ts';
import { type Scope, scopesOf } from './scope.ts';

/** A verb's answer or its refusal. */
export interface Payload<Result> {
  result: Result | null;
  problems: readonly Problem[];
}

const UserError = builder.interfaceRef<Problem>('UserError');

onBuild(() => {
  const ErrorCode = builder.enumType('ErrorCode', {
    description: 'Why an act was refused. Codes are only added.',
    values: Object.fromEntries(
      [...errorCodes()].map(([code, text]) => [code, { value: code, description: text.en }]),
    ),
  });
  UserError.implement({
    description:
      'One reason why an act was refused. All problems of a phase come at once: first shape, then state, then stock and money.',
    fields: (t) => ({
      code: t.field({
        type: ErrorCode,
        description: 'Stable code to branch on.',
        resolve: (found) => found.code,
      }),
      message: t.string({
        description: 'What is wrong, for people, in the language of the request, else in the caller’s own.',
        resolve: (found, _args, { actor }) => messageOf(found, actor.locale),
      }),
      path: t.stringList({
        description: 'Where in the arguments the problem lies: `["input", "lines", "0", "quantity"]`.',
        resolve: (found) => ['input', ...found.path].map(String),
      }),
    }),
    resolveType: (found) => found.type ?? 'InputError',
  });
});

builder.objectType(builder.objectRef<Problem>('InputError'), {
  description: 'A problem that its code, message and path say in full.',
  interfaces: [UserError],
  isTypeOf: (found) => !(found as Problem).type,
});

/** A problem that carries data of its own, of a type of its own. `data` is the second argument of `defineErrors`' result. */
export function errorType<Data extends object>(
  name: string,
  description: string,
  fields: (t: PothosSchemaTypes.ObjectFieldBuilder<ExtendedTypes, Problem & { data: Data }>) => object,
): void {
  builder.objectType(builder.objectRef<Problem & { data: Data }>(name), {
    description,
    interfaces: [UserError],
    isTypeOf: (found) => (found as Problem).type === name,
    fields: fields as never,
  });
}

type ExtendedTypes = PothosSchemaTypes.ExtendDefaultTypes<SchemaTypes>;
type PayloadFields<Result> = PothosSchemaTypes.ObjectFieldBuilder<ExtendedTypes, Payload<Result>>;

interface MutationOptions<Schema extends z.ZodType, Result, Prepared> {
  /** What happens, who may, which codes refuse. */
  description: string;
  scope: Scope;
  input: Schema;
  /** Prisma model of the object whose `id` the verb answers; the payload has it under its own name. */
  returns?: PrismaModelName;
  /** Fields of the payload beside the object and `userErrors`. */
  payload?: (t: PayloadFields<Result>) => object;
  run: (tx: Tx, actor: Actor, input: z.output<Schema> & Prepared, at: Date) => Promise<Result>;
  /** Work that cannot be in the transaction, like hashing; what it answers is added to the input. */
  prepare?: (actor: Actor, input: z.output<Schema>) => Promise<Prepared>;
}

type PrismaModelName = keyof SchemaTypes['PrismaTypes'] & string;
type ById = (query: object) => Promise<object | null>;

/**
 * Define a mutation. Its input is checked against the schema (all problems at once), its verb runs in one
 * transaction, once per `idempotencyKey` where the input has one, and its refusals become `userErrors`.
 */
export function mutation<Schema extends z.ZodType, Result extends Outcome & { id: string }, Prepared>(
  name: string,
  options: MutationOptions<Schema, Result, Prepared>,
): void {
  const typeName = name.charAt(0).toUpperCase() + name.slice(1);
  const PayloadType = builder.objectRef<Payload<Result>>(`${typeName}Payload`);
  PayloadType.implement({
    description: `Answer of \`${name}\`.`,
    fields: (t) => ({
      ...((options.payload?.(t as never) ?? {}) as Record<string, never>),
      ...(options.returns ? objectField(t, options.returns) : {}),
      userErrors: t.field({
        type: [UserError],
        description: 'Why the act was refused. Empty when it was done.',
        resolve: ({ problems }) => [...problems],
      }),
    }),
  });
  const Input = inputType(`${typeName}Input`, options.input, `Input of \`${name}\`.`);
  builder.mutationField(name, (t) =>
    t.field({
      type: PayloadType,
      description: options.description,
      authScopes: scopesOf(options.scope),
      args: { input: t.arg({ type: Input, required: true, description: 'What to do.' }) },
      resolve: (_root, args, context) =>
        perform(name, options, (args as { input: unknown }).input, context) as never,
    }),
  );
}

/** The object that a verb worked on, loaded with what the client selected. */
function objectField(t: object, model: PrismaModelName): object {
  const noun = model.charAt(0).toLowerCase() + model.slice(1);
  const fields = t as { prismaField: (field: object) => never };
  return {
    [noun]: fields.prismaField({
      type: model,
      nullable: true,
      description: 'The object after the act; null when it was refused, and when the caller may not see it.',
      resolve: async (
        query: object,
        { result }: Payload<{ id: string }>,
        _args: object,
        context: Context,
        info: GraphQLResolveInfo,
      ) => {
        const byId = { ...query, where: { id: result?.id } };
        if (!result) return null;
        const row = await (db as unknown as Record<string, { findUnique: ById }>)[noun]?.findUnique(byId);
        return row && isVisible(row, model, context, info) ? row : null;
      },
    }),
  };
}

async function perform<Schema extends z.ZodType, Result extends Outcome & { id: string }, Prepared>(
  name: string,
  options: MutationOptions<Schema, Result, Prepared>,
  given: unknown,
  { actor, extensions }: Context,
): Promise<Payload<Result>> {
  try {
    const parsed = options.input.safeParse(withoutNulls(given));
    if (!parsed.success) refuseIf(problemsOf(parsed.error));
    const input = parsed.data as z.output<Schema> & object;
    const ready = { ...input, ...(await options.prepare?.(actor, input)) } as z.output<Schema> & Prepared;
    const at = now();
    const key = (input as { idempotencyKey?: string }).idempotencyKey;
    if (key === undefined) {
      return { result: await transact((tx) => options.run(tx, actor, ready, at)), problems: [] };
    }
    const { outcome, replayed } = await transact((tx) =>
      once(tx, actor, { mutation: name, key, input, at }, () => options.run(tx, actor, ready, at)),
    );
    if (replayed) extensions.idempotentReplay = true;
    return { result: outcome, problems: [] };
  } catch (error) {
    if (error instanceof DomainError) return { result: null, problems: error.problems };
    throw error;
  }
}
