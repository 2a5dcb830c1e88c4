// The house rules of the source: who imports whom, who writes what, what files are called and hold.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type Import,
  project,
  readModels,
  readSources,
  type SourceFile,
  templatesOf,
} from './setup/source.ts';

/** Domain → domains whose actions and rules it may use, beside identity and partners, which all may use. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  identity: [],
  partners: ['identity'],
  notices: ['identity'],
  deadlines: ['identity'],
  catalog: ['deadlines'],
  inventory: ['catalog', 'deadlines'],
  payments: ['deadlines'],
  promotions: ['catalog', 'inventory', 'deadlines'],
  orders: ['catalog', 'inventory', 'promotions', 'payments', 'deadlines'],
  shipping: ['orders', 'inventory', 'deadlines'],
  aftersales: ['orders', 'payments', 'shipping', 'inventory', 'promotions', 'deadlines'],
  analytics: ['deadlines'],
  procedures: ['deadlines'],
  improvement: ['procedures', 'analytics', 'deadlines'],
  service: ['orders', 'aftersales', 'payments', 'promotions', 'improvement', 'deadlines'],
  marketing: ['promotions', 'analytics', 'deadlines'],
  training: ['procedures', 'analytics', 'deadlines'],
  risk: ['procedures', 'analytics', 'improvement', 'deadlines'],
  appraisal: ['procedures', 'training', 'analytics', 'deadlines'],
};

const everybodys = ['identity', 'partners'];

/** What a domain may be made of; a part may be a folder of that name. */
const parts = ['schema', 'rules', 'actions', 'access', 'events', 'jobs', 'hooks', 'inputs', 'texts'];

/** Files beside the parts, each for a reason. */
const besideParts: Readonly<Record<string, string>> = {
  'src/identity/authenticate.ts': 'main hands it to the server',
  'src/identity/throttle.ts': 'limits of instances, neither rule nor verb',
  'src/partners/authenticate.ts': 'main hands it to the server',
  'src/analytics/numbers.ts': 'reads that metrics are computed from',
  'src/catalog/image-facts.ts': 'reads the bytes of an image',
};

/** Writers of tables outside of `actions`, each for a reason. */
const otherWriters: Readonly<Record<string, string>> = {
  'src/identity/authenticate.ts': 'keeps the last use of a session',
};

/** Tables that one statement of another domain writes, because counter, ledger and outbox are one statement. */
const foreignWrites: Readonly<Record<string, readonly string[]>> = {
  'src/inventory/actions/move-stock.ts': ['EventOutbox'],
};

/** What the seeds write without a verb. */
const seedWrites: Readonly<Record<string, readonly string[]>> = {
  'prisma/seed/posts.ts': ['Post', 'PostText'],
  'prisma/seed/carriers.ts': ['Carrier', 'CarrierText'],
};

const sources = readSources('src', 'prisma');
const inSrc = sources.filter(({ path }) => path.startsWith('src/'));
const models = readModels();

/** `src/orders/actions/place-order.ts` → orders, actions. */
function placeOf(path: string): { domain: string; part: string } {
  const [, domain = '', rest = ''] = /^src\/([^/]+)\/(.+)$/.exec(path) ?? [];
  return { domain, part: (rest.split('/')[0] ?? '').replace(/\.ts$/, '') };
}

/** Rooms of `src/graphql` behind what domains use: each imports those before it, and files in none. */
const rooms = ['toll', 'execute', 'server'];

const isDomain = (name: string): boolean => Object.hasOwn(arrows, name);

/** Null when a file may import this, else the rule that it breaks. */
function verdict(path: string, { target, typeOnly }: Import): string | null {
  if (!target.includes('/') || !/^(src|prisma)\//.test(target)) return null;
  if (path === 'src/main.ts') return null;
  if (path.startsWith('prisma/')) return null;
  if (target.startsWith('prisma/')) return 'only main runs migrations and seeds';
  if (target === 'src/schema.ts' || target === 'src/main.ts') return 'nobody imports the root';
  const from = placeOf(path);
  const to = placeOf(target);
  if (to.domain === 'generated') return null;
  if (path === 'src/schema.ts') {
    const allowed = to.domain === 'graphql' || (isDomain(to.domain) && to.part === 'schema');
    return allowed ? null : 'the root schema imports schemas';
  }
  const isBehind = rooms.indexOf(to.part) > rooms.indexOf(from.part);
  if (to.domain === 'graphql' && isBehind) return `${to.part} is behind ${from.part}`;
  if (from.domain === to.domain) return samePart(from.part, to.part);
  if (to.domain === 'core') return pure(from.part, target);
  if (from.domain === 'core') return 'core imports generated code only';
  if (from.domain === 'graphql') return 'graphql imports core only';
  if (to.domain === 'graphql') return from.part === 'schema' ? null : 'only a schema imports graphql';
  if (to.part === 'access') return null;
  if (to.part === 'events' && typeOnly) return null;
  const isDoor = from.part === 'hooks' && to.part === 'hooks' && everybodys.includes(to.domain);
  if (isDoor) return null;
  if (to.part !== 'actions' && to.part !== 'rules') return `${to.part} belongs to ${to.domain} alone`;
  if (everybodys.includes(to.domain)) return null;
  if (from.part === 'schema') return 'a schema uses its own verbs';
  return arrows[from.domain]?.includes(to.domain) ? null : `there is no arrow ${from.domain} → ${to.domain}`;
}

const samePart = (from: string, to: string): string | null =>
  to === 'schema' && from !== 'schema' ? 'nothing is below a schema' : null;

/** Rules, inputs, texts and events know neither database nor clock. */
function pure(part: string, target: string): string | null {
  const impure = /^src\/core\/(db|event-log|log|idempotency|chores|reads\/client)\.ts$/.test(target);
  return impure && ['rules', 'inputs', 'texts'].includes(part) ? `${part} are pure` : null;
}

const failures = (found: (file: SourceFile) => readonly string[], files = inSrc): string[] =>
  files.flatMap((file) => found(file).map((problem) => `${file.path}: ${problem}`));

describe('imports', () => {
  test('the graph of domains has no cycle', () => {
    const settled = new Set<string>();
    for (let before = -1; settled.size > before; ) {
      before = settled.size;
      for (const [domain, uses] of Object.entries(arrows))
        if (uses.every((used) => settled.has(used))) settled.add(domain);
    }
    expect([...settled].sort()).toEqual(Object.keys(arrows).sort());
  });

  test('a file imports only what the table of the design allows', () => {
    const found = failures((file) =>
      file.imports.flatMap((one) => {
        const rule = verdict(file.path, one);
        return rule ? [`${one.target} (${rule})`] : [];
      }),
    );
    expect(found).toEqual([]);
  });

  test('no module imports itself in a circle at run time', () => {
    const edges = new Map(
      inSrc.map((file) => [file.path, file.imports.filter((one) => !one.typeOnly).map((one) => one.target)]),
    );
    const circles: string[] = [];
    const done = new Set<string>();
    const visit = (path: string, trail: readonly string[]): void => {
      if (trail.includes(path)) circles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
      if (done.has(path) || trail.includes(path)) return;
      for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
      done.add(path);
    };
    for (const path of edges.keys()) visit(path, []);
    expect(circles).toEqual([]);
  });

  test('every package that the source imports is a dependency', () => {
    const { dependencies } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
      dependencies: object;
    };
    const missing = failures((file) =>
      file.imports
        .map((one) => one.target)
        .filter((target) => !/^(src|prisma)\/|^node:/.test(target))
        .filter((target) => !Object.hasOwn(dependencies, /^(@[^/]+\/)?[^/]+/.exec(target)?.[0] ?? '')),
    );
    expect(missing).toEqual([]);
  });
});

describe('tables', () => {
  const ownerOf = (model: string): string => models.get(model)?.owner ?? '';
  const modelOfTable = new Map([...models].map(([model, { table }]) => [table, model]));
  const modelOfProperty = new Map(
    [...models.keys()].map((model) => [model.charAt(0).toLowerCase() + model.slice(1), model]),
  );

  /** Models that a file writes, through Prisma or in SQL. */
  function writesOf(file: SourceFile): string[] {
    const written = new Set<string>();
    const verbs =
      'create|createMany|createManyAndReturn|update|updateMany|updateManyAndReturn|upsert|delete|deleteMany';
    for (const [, property = ''] of file.code.matchAll(new RegExp(`\\.(\\w+)\\s*\\.(?:${verbs})\\(`, 'g'))) {
      const model = modelOfProperty.get(property);
      if (model) written.add(model);
    }
    for (const template of templatesOf(file)) {
      const statements =
        /\b(?:INSERT\s+INTO|DELETE\s+FROM|TRUNCATE|MERGE\s+INTO)\s+"?(\w+)|\bUPDATE\s+"?(\w+)"?(?:\s+(?:AS\s+)?\w+)?\s+SET\b/g;
      for (const [, changed, updated] of template.matchAll(statements)) {
        const model = modelOfTable.get(changed ?? updated ?? '');
        if (model) written.add(model);
      }
    }
    return [...written];
  }

  test('every model belongs to a domain or to core', () => {
    const strangers = [...models].filter(([, { owner }]) => owner !== 'core' && !isDomain(owner));
    expect(strangers.map(([model]) => model)).toEqual([]);
  });

  test('only the owner of a table writes it', () => {
    const mover = inSrc.filter(({ path }) => path === 'src/inventory/actions/move-stock.ts');
    expect(mover.flatMap(writesOf).sort()).toEqual(['EventOutbox', 'Stock', 'StockLedgerEntry']);
    const found = failures((file) =>
      writesOf(file)
        .filter((model) => ownerOf(model) !== placeOf(file.path).domain)
        .filter((model) => !foreignWrites[file.path]?.includes(model))
        .map((model) => `writes ${model}, which is ${ownerOf(model)}’s`),
    );
    expect(found).toEqual([]);
  });

  test('within a domain only its actions write', () => {
    const files = inSrc.filter(
      ({ path }) => isDomain(placeOf(path).domain) && placeOf(path).part !== 'actions' && !otherWriters[path],
    );
    expect(failures((file) => writesOf(file).map((model) => `writes ${model}`), files)).toEqual([]);
  });

  test('seeds write by verbs, beside what is listed', () => {
    const seeds = sources.filter(({ path }) => path.startsWith('prisma/seed/'));
    const found = failures(
      (file) => writesOf(file).filter((model) => !seedWrites[file.path]?.includes(model)),
      seeds,
    );
    expect(found).toEqual([]);
  });

  test('SQL does not ask the database for the time, and domains not the machine', () => {
    const clock =
      /\b(now\(\)|current_timestamp|clock_timestamp|statement_timestamp|localtimestamp|current_date)/i;
    const domains = inSrc.filter(({ path }) => isDomain(placeOf(path).domain));
    expect(failures((file) => templatesOf(file).filter((template) => clock.test(template)), domains)).toEqual(
      [],
    );
    expect(failures((file) => file.code.match(/new Date\(\)|Date\.now\(\)/g) ?? [], domains)).toEqual([]);
    const given = domains.filter(({ path }) =>
      ['rules', 'actions', 'access', 'inputs'].includes(placeOf(path).part),
    );
    expect(
      failures(
        (file) => file.code.match(/import \{[^}]*\bnow\b[^}]*\} from '[./]*core\/time.ts'/g) ?? [],
        given,
      ),
    ).toEqual([]);
  });
});

describe('files', () => {
  const all = [...sources, ...readSources('test')];

  test('none is called index, utils, helpers, common or types', () => {
    const bad = all.filter(({ path }) =>
      /(^|\/)(index|utils?|helpers?|common|types|misc)(\.ts$|\/)/.test(path),
    );
    expect(bad.map(({ path }) => path)).toEqual([]);
  });

  test('a domain has the parts of the design and no others', () => {
    const strange = inSrc
      .map(({ path }) => ({ path, ...placeOf(path) }))
      .filter(({ domain }) => domain !== '' && domain !== 'core' && domain !== 'graphql')
      .filter(({ path, domain, part }) => !isDomain(domain) || (!parts.includes(part) && !besideParts[path]));
    expect(strange.map(({ path }) => path)).toEqual([]);
    expect(inSrc.map(({ path }) => path).filter((path) => !path.slice(4).includes('/'))).toEqual([
      'src/main.ts',
      'src/schema.ts',
    ]);
  });

  test('none is longer than 300 lines, and each opens with a line that says what it holds', () => {
    expect(all.filter(({ lines }) => lines > 300).map(({ path, lines }) => `${path}: ${lines}`)).toEqual([]);
    expect(all.filter(({ text }) => !/^\/\/ \S/.test(text)).map(({ path }) => path)).toEqual([]);
  });

  test('none has a default export, none is a barrel, only env.ts reads the environment', () => {
    const inspected = all.filter(({ path }) => !path.endsWith('.config.ts'));
    expect(inspected.filter(({ code }) => /^export default\b/m.test(code)).map(({ path }) => path)).toEqual(
      [],
    );
    const barrels = inspected.filter(({ code }) => /^export\s+(\*|type\s*\{|\{)[^;]*\sfrom\s/m.test(code));
    expect(barrels.map(({ path }) => path)).toEqual([]);
    const readers = inSrc.filter(
      ({ path, code }) => path !== 'src/core/env.ts' && /process\.env\b/.test(code),
    );
    expect(readers.map(({ path }) => path)).toEqual([]);
  });

  test('none hooks into Prisma', () => {
    expect(failures((file) => file.code.match(/\$extends\(|\$use\(/g) ?? [])).toEqual([]);
  });
});
