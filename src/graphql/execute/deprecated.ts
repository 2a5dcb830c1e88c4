// Which deprecated parts of the schema an operation uses: who removes one has to know who would miss it.

import {
  type DocumentNode,
  type ExecutionArgs,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  getOperationAST,
  isEnumType,
  isInputObjectType,
  isInputType,
  isListType,
  isObjectType,
  TypeInfo,
  typeFromAST,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { Actor } from '../../core/actor.ts';

/** Hears of an operation that uses deprecated parts, named by their schema coordinates: `Order.note`, `Query.orders(by:)`. */
export type OnDeprecated = (actor: Actor, coordinates: readonly string[], at: Date) => void;

/** The deprecated parts that a valid operation with its variables uses. */
export type DeprecatedIn = (
  args: Pick<ExecutionArgs, 'document' | 'operationName' | 'variableValues'>,
) => string[];

/** Make what finds deprecated parts. It looks at nothing while the schema has none. */
export function deprecatedIn(schema: GraphQLSchema): DeprecatedIn {
  if (!hasDeprecated(schema)) return () => [];
  const known = new WeakMap<DocumentNode, ReadonlySet<string>>();
  return ({ document, operationName, variableValues }) => {
    let written = known.get(document);
    if (!written) {
      written = inDocument(schema, document);
      known.set(document, written);
    }
    const found = new Set(written);
    for (const { type, variable } of getOperationAST(document, operationName)?.variableDefinitions ?? []) {
      const wanted = typeFromAST(schema, type);
      if (isInputType(wanted)) addFromValue(wanted, variableValues?.[variable.name.value], found);
    }
    return [...found];
  };
}

const isDeprecated = (part: { deprecationReason?: string | null | undefined } | null | undefined): boolean =>
  part?.deprecationReason != null;

function hasDeprecated(schema: GraphQLSchema): boolean {
  return Object.values(schema.getTypeMap()).some((type) => {
    if (isEnumType(type)) return type.getValues().some(isDeprecated);
    if (isInputObjectType(type)) return Object.values(type.getFields()).some(isDeprecated);
    if (!isObjectType(type) || type.name.startsWith('__')) return false;
    return Object.values(type.getFields()).some(
      (field) => isDeprecated(field) || field.args.some(isDeprecated),
    );
  });
}

function inDocument(schema: GraphQLSchema, document: DocumentNode): Set<string> {
  const found = new Set<string>();
  const info = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(info, {
      Field() {
        if (isDeprecated(info.getFieldDef()))
          found.add(`${info.getParentType()?.name}.${info.getFieldDef()?.name}`);
      },
      Argument() {
        const [field, argument] = [info.getFieldDef(), info.getArgument()];
        if (field && isDeprecated(argument))
          found.add(`${info.getParentType()?.name}.${field.name}(${argument?.name}:)`);
      },
      ObjectField({ name }) {
        const type = getNamedType(info.getParentInputType());
        if (isInputObjectType(type) && isDeprecated(type.getFields()[name.value]))
          found.add(`${type.name}.${name.value}`);
      },
      EnumValue() {
        const value = info.getEnumValue();
        if (isDeprecated(value)) found.add(`${getNamedType(info.getInputType())?.name}.${value?.name}`);
      },
    }),
  );
  return found;
}

/** What a value of a variable, as it was sent, uses. A value that is refused later adds what fits. */
function addFromValue(type: GraphQLInputType, value: unknown, found: Set<string>): void {
  const plain = getNullableType(type);
  if (value === null || value === undefined) return;
  if (isListType(plain)) {
    for (const one of Array.isArray(value) ? value : [value]) addFromValue(plain.ofType, one, found);
  } else if (isEnumType(plain)) {
    if (isDeprecated(plain.getValues().find(({ name }) => name === value)))
      found.add(`${plain.name}.${value}`);
  } else if (isInputObjectType(plain) && typeof value === 'object') {
    for (const [name, inner] of Object.entries(value)) {
      const field = plain.getFields()[name];
      if (!field) continue;
      if (isDeprecated(field)) found.add(`${plain.name}.${name}`);
      addFromValue(field.type, inner, found);
    }
  }
}
