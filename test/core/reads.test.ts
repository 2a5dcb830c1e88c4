// Reads in statements of our own: whatever is asked, the answer is Prisma's.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { db, transact } from '../../src/core/db.ts';
import { getDatamodel } from '../../src/generated/pothos.ts';
import { startApp } from '../setup/app.ts';

const app = await startApp({ env: { SAMPLE: 'on', BACKGROUND: 'off' } });

const { models } = getDatamodel().datamodel;
type Field = (typeof models)[string]['fields'][number];
type Row = Record<string, unknown>;
interface Delegate {
  findMany(query: object): Promise<Row[]>;
  findFirst(query: object): Promise<Row | null>;
  count(query: object): Promise<number>;
}

const delegate = (client: object, model: string): Delegate =>
  Reflect.get(client, model.charAt(0).toLowerCase() + model.slice(1)) as Delegate;
const fieldsOf = (model: string): readonly Field[] => models[model]?.fields ?? [];
const isScalar = ({ kind }: Field) => kind !== 'object';
const inPrisma = <Result>(work: (client: object) => Promise<Result>) => transact((tx) => work(tx));

/** Rows of every model, for values that conditions can meet. */
const samples = new Map<string, Row[]>();
for (const model of Object.keys(models))
  samples.set(model, await inPrisma((tx) => delegate(tx, model).findMany({ take: 30 })));
const filled = [...samples].filter(([, rows]) => rows.length > 0).map(([model]) => model);

/** Sorted by columns that no two rows share. */
const orderOf = (model: string, direction: 'asc' | 'desc') => {
  const fields = fieldsOf(model).filter((field) => isScalar(field) && !field.isList && field.type !== 'Json');
  return (fields.some(({ isId }) => isId) ? fields.filter(({ isId }) => isId) : fields).map(({ name }) => ({
    [name]: direction,
  }));
};

const sampleOf = (model: string, name: string) =>
  fc.constantFrom(...(samples.get(model) ?? []).map((row) => row[name])).filter((value) => value !== null);

function condition(model: string, field: Field): fc.Arbitrary<object> {
  const { name } = field;
  const values = (samples.get(model) ?? []).map((row) => row[name]).filter((value) => value !== null);
  const wanted: fc.Arbitrary<unknown>[] = field.isRequired
    ? []
    : [fc.constant(null), fc.constant({ not: null })];
  if (values.length > 0 && field.isList)
    wanted.push(
      ...['hasSome', 'hasEvery', 'has'].map((operator) =>
        sampleOf(model, name).map((list) => ({
          [operator]: operator === 'has' ? ((list as string[])[0] ?? '') : list,
        })),
      ),
    );
  else if (values.length > 0) {
    const value = sampleOf(model, name);
    wanted.push(
      value,
      value.map((not) => ({ not })),
    );
    if (field.type !== 'Boolean') wanted.push(fc.array(value, { maxLength: 3 }).map((any) => ({ in: any })));
    if (field.kind === 'scalar' && field.type !== 'Boolean')
      wanted.push(fc.tuple(value, value).map(([lt, gte]) => ({ lt, gte })));
  }
  return wanted.length > 0 ? fc.oneof(...wanted).map((one) => ({ [name]: one })) : fc.constant({});
}

function where(model: string, depth: number): fc.Arbitrary<object> {
  const fields = fieldsOf(model).filter((field) => field.type !== 'Json');
  const own = fc.constantFrom(...fields.filter(isScalar)).chain((field) => condition(model, field));
  if (depth === 0) return own;
  const inner = () => where(model, depth - 1);
  const relations = fields.filter((field) => !isScalar(field));
  const related = relations.map((field) =>
    where(field.type, depth - 1).map((one) => ({
      [field.name]: field.isList ? (depth % 2 ? { some: one } : { none: one }) : one,
    })),
  );
  return fc.oneof(
    own,
    fc.tuple(inner(), inner()).map((both) => ({ AND: both })),
    fc.array(fc.oneof(inner(), fc.constant({})), { maxLength: 2 }).map((any) => ({ OR: any })),
    ...related,
  );
}

function select(model: string, depth: number): fc.Arbitrary<object> {
  const fields = fieldsOf(model);
  const columns = fc
    .subarray(fields.filter(isScalar), { minLength: 1 })
    .map((some) => some.map(({ name }) => [name, true]));
  if (depth === 0) return columns.map((some) => Object.fromEntries(some) as object);
  const relations = fields.filter((field) => !isScalar(field));
  const related = fc
    .subarray(relations, { maxLength: Math.min(3, relations.length) })
    .chain((some) =>
      fc.tuple(
        ...some.map((field) =>
          query(field.type, depth - 1).map((one) => [
            field.name,
            field.isList ? one : { select: (one as { select: object }).select },
          ]),
        ),
      ),
    );
  const lists = relations.filter(({ isList }) => isList);
  const counts = fc
    .subarray(lists, { maxLength: Math.min(1, lists.length) })
    .chain((some) =>
      fc.tuple(
        ...some.map(({ name, type }) =>
          where(type, 0).map((one) => ['_count', { select: { [name]: { where: one } } }]),
        ),
      ),
    );
  return fc
    .tuple(columns, related, counts)
    .map((parts) => Object.fromEntries(parts.flat() as [string, unknown][]) as object);
}

const query = (model: string, depth: number): fc.Arbitrary<object> =>
  fc.record({
    select: select(model, depth),
    where: where(model, Math.min(depth, 1)),
    orderBy: fc.constantFrom('asc', 'desc').map((direction) => orderOf(model, direction as 'asc')),
    take: fc.option(fc.nat({ max: 5 }), { nil: undefined }),
  });

const anyQuery = fc
  .constantFrom(...filled)
  .chain((model) => query(model, 2).map((args) => ({ model, args: args as Row })));

/** Values as text that tells them apart, columns by name. */
const told = (value: unknown): string =>
  JSON.stringify(value, (_key, inner) => {
    if (typeof inner === 'bigint') return `${inner} n`;
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });

test('what our own statements answer is what Prisma answers, whatever is selected, filtered, sorted and limited', async () => {
  let ours = 0;
  let found = 0;
  await fc.assert(
    fc.asyncProperty(anyQuery, async ({ model, args }) => {
      let rows: Row[] = [];
      const [statement = ''] = await app.statementsOf(async () => {
        rows = await delegate(db, model).findMany(args);
      });
      if (statement.startsWith('SELECT json_build_array')) ours++;
      found += rows.length;
      expect(told(rows)).toBe(told(await inPrisma((tx) => delegate(tx, model).findMany(args))));
    }),
    { numRuns: 450 },
  );
  expect(ours).toBeGreaterThan(440);
  expect(found).toBeGreaterThan(300);
});

test('counts and first rows of our own are those of Prisma', async () => {
  await fc.assert(
    fc.asyncProperty(anyQuery, async ({ model, args: { select: wanted, where: filter, orderBy } }) => {
      const first = { select: wanted, where: filter, orderBy };
      const [one, two] = [
        await delegate(db, model).findFirst(first),
        await inPrisma((tx) => delegate(tx, model).findFirst(first)),
      ];
      expect(told(one)).toBe(told(two));
      expect(await delegate(db, model).count({ where: filter })).toBe(
        await inPrisma((tx) => delegate(tx, model).count({ where: filter })),
      );
    }),
    { numRuns: 100 },
  );
});

test('what they do not know is left to Prisma', async () => {
  const ask = {
    where: { code: { startsWith: 'a', mode: 'insensitive' as const } },
    skip: 1,
    orderBy: { code: 'asc' as const },
  };
  const statements = await app.statementsOf(() => db.store.findMany(ask));
  expect(statements[0]).not.toContain('json_build_array');
  expect(await db.store.findMany(ask)).toEqual(await inPrisma((tx) => delegate(tx, 'Store').findMany(ask)));
});
