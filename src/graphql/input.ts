// GraphQL input types, made from the zod schemas of a domain's inputs.ts: a field and its bounds are written once.

import type { z } from 'zod';
import { problemsOf } from '../core/inputs.ts';
import { builder, enumRef } from './builder.ts';
import { badArguments } from './request-errors.ts';

type Make = (options: { type: never; required: boolean; description: string }) => unknown;

interface Meta {
  graphql?: string;
  description?: string;
  bounds?: string;
}

interface Definition {
  type: string;
  innerType?: z.ZodType;
  in?: z.ZodType;
  element?: z.ZodType;
  shape?: Record<string, z.ZodType>;
}

const scalars = new Set(['ID', 'String', 'Int', 'Boolean', 'DateTime', 'Decimal', 'EventCursor']);
const madeInputs = new Map<string, unknown>();

/** The input type of an object schema, made on first use. One name is one type. */
export function inputType(name: string, schema: z.ZodType, description: string): never {
  let ref = madeInputs.get(name);
  if (!ref) {
    const created = builder.inputRef<object>(name);
    madeInputs.set(name, created);
    created.implement({
      description,
      fields: (t: { field: (options: object) => unknown }) =>
        inputFields(schema, (options) => t.field(options)),
    } as never);
    ref = created;
  }
  return ref as never;
}

/** One input field or argument for each property of an object schema. */
export function inputFields(schema: z.ZodType, make: Make): Record<string, unknown> {
  const { shape } = definitionOf(unwrap(schema).core);
  if (!shape) throw new Error('an input is an object');
  return Object.fromEntries(
    Object.entries(shape).map(([name, field]) => [name, make(optionsOf(name, field))]),
  );
}

/** Parse arguments of a read. Throws BAD_INPUT with all problems at once. */
export function parseArgs<Schema extends z.ZodType>(schema: Schema, args: unknown): z.output<Schema> {
  const result = schema.safeParse(withoutNulls(args));
  if (result.success) return result.data;
  throw badArguments(problemsOf(result.error));
}

/** An explicit null means the same as leaving the field out. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (value === null || typeof value !== 'object' || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== null && inner !== undefined)
      .map(([key, inner]) => [key, withoutNulls(inner)]),
  );
}

function optionsOf(name: string, schema: z.ZodType): Parameters<Make>[0] {
  const { core, optional, meta } = unwrap(schema);
  if (!meta.description) throw new Error(`input field ${name} has no description`);
  const description = [meta.description, meta.bounds].filter(Boolean).join(' ');
  return { type: typeOf(core, meta, description), required: !optional, description };
}

function typeOf(core: z.ZodType, meta: Meta, description: string): never {
  const { type, element, shape } = definitionOf(core);
  if (type === 'array' && element) {
    const item = unwrap(element);
    return [typeOf(item.core, item.meta, description)] as unknown as never;
  }
  const { graphql } = meta;
  if (!graphql) throw new Error(`no GraphQL type for a ${type}`);
  if (scalars.has(graphql)) return graphql as never;
  if (shape) return inputType(graphql, core, meta.description ?? description);
  const ref = enumRef(graphql);
  if (!ref) throw new Error(`enum ${graphql} is not defined`);
  return ref as never;
}

/** What is inside optional, default and transforming wrappers; the outermost description and bounds win. */
function unwrap(schema: z.ZodType): { core: z.ZodType; optional: boolean; meta: Meta } {
  let optional = false;
  let core = schema;
  let meta: Meta = {};
  for (;;) {
    meta = { ...(core.meta() as Meta | undefined), ...meta };
    const definition = definitionOf(core);
    if (definition.type === 'optional' || definition.type === 'default') optional = true;
    const inner = definition.innerType ?? definition.in;
    if (!inner) return { core, optional, meta };
    core = inner;
  }
}

const definitionOf = (schema: z.ZodType): Definition => schema._zod.def as unknown as Definition;
