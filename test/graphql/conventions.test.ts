// What holds for every type, field and mutation of the schema.

import { getNamedType, isEnumType, isInputObjectType, isInterfaceType, isObjectType } from 'graphql';
import { describe, expect, test } from 'vitest';
import { schema } from '../../src/schema.ts';
import {
  fieldsOf,
  isList,
  isNode,
  modelOf,
  objectTypes,
  ownTypes,
  rootFields,
  typeScopes,
} from '../setup/schema.ts';
import { readSources } from '../setup/source.ts';
import { partOf, publicFields, publicTypes, shortLists, withoutKey } from './exceptions.ts';

const moves = /^(stock|order|payment|refund|return|exchange|shipment|coupon|purchaseOrder|waybill)[A-Z]/;
const PAGE = ['after', 'before', 'first', 'last'];

const mutations = rootFields().filter(({ kind }) => kind === 'mutation');
const subscriptions = rootFields().filter(({ kind }) => kind === 'subscription');
const payloadOf = (name: string) => schema.getType(`${name.charAt(0).toUpperCase()}${name.slice(1)}Payload`);

describe('who may what', () => {
  test('G35 every root field says who may call it, and the public ones are those of the list', () => {
    expect(
      rootFields()
        .filter(({ rule }) => rule === null)
        .map(({ name }) => name),
    ).toEqual([]);
    const strangers = rootFields().filter(
      ({ name, rule }) => rule === 'public' && !publicFields.includes(name),
    );
    expect(strangers.map(({ name }) => name)).toEqual([]);
  });

  test('G35 every type with rows of the database says who may see them, and the public ones are those of the list', () => {
    const rowTypes = objectTypes().filter((type) => modelOf(type) !== undefined);
    expect(rowTypes.length).toBeGreaterThan(8);
    const unchecked = rowTypes.filter((type) => typeScopes(type) === undefined).map(({ name }) => name);
    expect(unchecked.filter((name) => !partOf[name])).toEqual([]);
    for (const name of unchecked) {
      const ways = objectTypes().filter((type) =>
        fieldsOf(type).some((field) => getNamedType(field.type).name === name),
      );
      expect(
        ways.map((type) => type.name),
        `ways to ${name}`,
      ).toEqual([partOf[name]]);
    }
    const open = rowTypes.filter(
      (type) => (typeScopes(type) as { public?: boolean } | undefined)?.public === true,
    );
    expect(open.map(({ name }) => name).filter((name) => !publicTypes.includes(name))).toEqual([]);
  });

  test('the description of a root field says who may call it', () => {
    const sentenceOf = (rule: string | null) => {
      if (rule === 'public') return 'Needs no login.';
      if (rule === 'internal') return 'For everybody of the department.';
      return rule === 'shopper' ? 'For shoppers.' : `Needs the permission \`${rule}\`.`;
    };
    const silent = rootFields().filter(
      ({ field, rule }) => !field.description?.endsWith(` ${sentenceOf(rule)}`),
    );
    expect(silent.map(({ name }) => name)).toEqual([]);
  });

  test('G35 who is of the department, a shopper or anybody is no parameter: a scope that is not true lets nobody out', () => {
    const wide = readSources('src')
      .filter(({ path }) => /\/schema(\.ts$|\/)/.test(path))
      .flatMap(({ path, code }) =>
        [...code.matchAll(/\b(?:internal|shopper|public): (?!true\b)[^,}\n]*/g)].map(
          ([found]) => `${path}: ${found}`,
        ),
      );
    expect(wide).toEqual([]);
  });

  test('C57 only root fields refuse: a field of an object that is not for a caller answers null or nothing', () => {
    const isRoot = ({ name }: { name: string }) => ['Query', 'Mutation', 'Subscription'].includes(name);
    const refusing = objectTypes()
      .filter((type) => !isRoot(type))
      .flatMap((type) =>
        fieldsOf(type)
          .filter(({ extensions }) => {
            const { pothosOptions } = extensions as { pothosOptions?: Record<string, unknown> };
            return pothosOptions?.authScopes && !pothosOptions.unauthorizedResolver;
          })
          .map(({ name }) => `${type.name}.${name}`),
      );
    expect(refusing).toEqual([]);
  });

  test('a mutation names its refusals, and only those that exist', () => {
    const codes = schema.getType('ErrorCode');
    const known = isEnumType(codes) ? codes.getValues().map(({ name }) => name) : [];
    const named = mutations.flatMap(({ name, field }) =>
      (field.description?.match(/\b[A-Z]{2,}(?:_[A-Z]+)+\b/g) ?? []).map((code) => ({ name, code })),
    );
    expect(named.filter(({ code }) => !known.includes(code))).toEqual([]);
  });
});

describe('descriptions', () => {
  test('every type, field, argument, input field and enum value has a description', () => {
    const missing = ownTypes().flatMap((type) => {
      const bare = type.description ? [] : [type.name];
      if (isEnumType(type)) {
        return [
          ...bare,
          ...type
            .getValues()
            .filter((one) => !one.description)
            .map((one) => `${type.name}.${one.name}`),
        ];
      }
      if (isInputObjectType(type)) {
        const fields = Object.values(type.getFields()).filter((one) => !one.description);
        return [...bare, ...fields.map((one) => `${type.name}.${one.name}`)];
      }
      if (!isObjectType(type) && !isInterfaceType(type)) return bare;
      return [
        ...bare,
        ...Object.values(type.getFields()).flatMap((field) => [
          ...(field.description ? [] : [`${type.name}.${field.name}`]),
          ...field.args
            .filter((arg) => !arg.description)
            .map((arg) => `${type.name}.${field.name}(${arg.name})`),
        ]),
      ];
    });
    expect(missing).toEqual([]);
  });
});

describe('mutations', () => {
  test('C45 every mutation takes one input and answers with a payload that lists its userErrors', () => {
    const odd = mutations.filter(({ name, field }) => {
      const own = name.charAt(0).toUpperCase() + name.slice(1);
      const payload = payloadOf(name);
      const [input, ...more] = field.args;
      return (
        more.length > 0 ||
        input?.name !== 'input' ||
        String(input.type) !== `${own}Input!` ||
        String(field.type) !== `${own}Payload!` ||
        !isObjectType(payload) ||
        String(payload.getFields().userErrors?.type) !== '[UserError!]!'
      );
    });
    expect(odd.map(({ name }) => name)).toEqual([]);
  });

  test('C45 every field of a payload but userErrors may be null or a list, so that a refusal never becomes an error', () => {
    const forced = mutations.flatMap(({ name }) => {
      const payload = payloadOf(name);
      if (!isObjectType(payload)) return [name];
      return fieldsOf(payload)
        .filter((field) => field.name !== 'userErrors' && String(field.type).endsWith('!') && !isList(field))
        .map((field) => `${payload.name}.${field.name}`);
    });
    expect(forced).toEqual([]);
  });

  test('C45 a UserError says code, message and path, and every concrete one does', () => {
    const userError = schema.getType('UserError');
    if (!isInterfaceType(userError)) throw new Error('UserError is no interface');
    const fields = Object.values(userError.getFields()).map((field) => `${field.name}: ${field.type}`);
    expect(fields.sort()).toEqual(['code: ErrorCode!', 'message: String!', 'path: [String!]!']);
    expect(schema.getPossibleTypes(userError).length).toBeGreaterThan(2);
  });

  test('C50 every mutation that moves stock, orders or money requires an idempotency key', () => {
    const bare = mutations
      .filter(({ name }) => moves.test(name) && !withoutKey[name])
      .filter(({ name }) => {
        const input = schema.getType(`${name.charAt(0).toUpperCase()}${name.slice(1)}Input`);
        return !isInputObjectType(input) || String(input.getFields().idempotencyKey?.type) !== 'String!';
      });
    expect(bare.map(({ name }) => name)).toEqual([]);
  });

  test('a mutation is a noun and a verb, never an update of fields', () => {
    expect(
      mutations
        .map(({ name }) => name)
        .filter((name) => /^(update|create|delete|set|add|remove)[A-Z]/.test(name)),
    ).toEqual([]);
    expect(mutations.map(({ name }) => name).filter((name) => !/^[a-z]+([A-Z][a-z]+)+$/.test(name))).toEqual(
      [],
    );
  });
});

describe('lists', () => {
  test('C46 every list of an object with an id, and of Query, is a connection or known to be short', () => {
    const roots = objectTypes().filter((type) => isNode(type) || type.name === 'Query');
    const long = roots.flatMap((type) =>
      fieldsOf(type)
        .filter((field) => isList(field) && !shortLists[`${type.name}.${field.name}`])
        .map((field) => `${type.name}.${field.name}`),
    );
    expect(long).toEqual([]);
  });

  test('C46 every connection is paged by first, last, after and before, and counts only on demand', () => {
    const connections = objectTypes().flatMap((type) =>
      fieldsOf(type)
        .filter((field) => /.Connection$/.test(getNamedType(field.type).name))
        .map((field) => ({ where: `${type.name}.${field.name}`, field })),
    );
    expect(connections.length).toBeGreaterThan(4);
    const unpaged = connections.filter(({ field }) =>
      PAGE.some((name) => !field.args.some((arg) => arg.name === name)),
    );
    expect(unpaged.map(({ where }) => where)).toEqual([]);
    const shapes = new Set(
      connections.map(({ field }) => {
        const type = getNamedType(field.type);
        return isObjectType(type) ? Object.keys(type.getFields()).sort().join() : type.name;
      }),
    );
    expect([...shapes]).toEqual(['edges,pageInfo,totalCount']);
  });
});

describe('feeds', () => {
  const feeds = subscriptions.filter(({ name }) => name.endsWith('Events'));

  test('C55 every feed of events takes a filter and a cursor and yields what changed, when, by whom and to which version', () => {
    expect(feeds.length).toBeGreaterThan(0);
    for (const { name, field } of feeds) {
      expect(field.args.map((arg) => arg.name).sort(), name).toEqual(['after', 'filter']);
      const item = getNamedType(field.type);
      if (!isObjectType(item)) throw new Error(`${name} yields no object`);
      const shape = Object.fromEntries(fieldsOf(item).map((one) => [one.name, String(one.type)]));
      expect(shape, name).toMatchObject({
        cursor: 'EventCursor!',
        type: 'String!',
        occurredAt: 'DateTime!',
        actor: 'EventActor',
        nodeId: 'ID',
        version: 'Int',
        changes: '[FieldChange!]!',
        inFilter: 'Boolean!',
        skipped: 'Int!',
      });
      const noun = name.replace(/Events$/, '');
      expect(shape[noun], `${name} carries the ${noun} as it is now`).toBe(
        noun.charAt(0).toUpperCase() + noun.slice(1),
      );
      expect(item.description, name).toContain('heartbeat');
    }
  });

  test('every other subscription is a board that sends its current value', () => {
    const others = subscriptions.filter((one) => !feeds.includes(one)).map(({ name }) => name);
    expect(others.filter((name) => !name.endsWith('Updates'))).toEqual([]);
  });
});
