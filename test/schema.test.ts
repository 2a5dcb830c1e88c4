// schema.graphql: what the code makes, and never less than clients were promised.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { diff } from '@graphql-inspector/core';
import { buildSchema, isObjectType, validateSchema } from 'graphql';
import { describe, expect, test } from 'vitest';
import { schema } from '../src/schema.ts';
import { printedSchema, schemaFile } from './setup/print-schema.ts';
import { project } from './setup/source.ts';

/** The schema at a commit, by default the last one; CI sets the commit that clients know. Null when there is none. */
function promisedSchema(): string | null {
  const commit = process.env.SCHEMA_BASE ?? 'HEAD';
  const { status, stdout } = spawnSync('git', ['show', `${commit}:schema.graphql`], {
    cwd: project,
    encoding: 'utf8',
  });
  return status === 0 ? stdout : null;
}

async function breaksBetween(before: string, after: string): Promise<string[]> {
  const changes = await diff(buildSchema(before), buildSchema(after));
  return changes.filter(({ criticality }) => criticality.level === 'BREAKING').map(({ message }) => message);
}

const promised = promisedSchema();

describe('schema.graphql', () => {
  test('G45 the file is what the code makes (npm run schema writes it)', () => {
    expect(readFileSync(schemaFile, 'utf8')).toBe(printedSchema());
  });

  test.skipIf(promised === null)('G45 C53 nothing that clients use is taken away from them', async () => {
    expect(await breaksBetween(promised ?? '', printedSchema())).toEqual([]);
  });

  test('G45 C53 a field that goes, an argument that becomes required and a value that goes are seen as breaks', async () => {
    const now = printedSchema();
    const without = (text: string, part: RegExp) => {
      const changed = text.replace(part, '');
      expect(changed).not.toBe(text);
      return changed;
    };
    expect(
      await breaksBetween(now, without(now, /^ {2}"""[^"]*"""\n {2}viewerPermissions: .*\n/m)),
    ).toHaveLength(1);
    expect(await breaksBetween(now, without(now, /^ {2}"""[^"]*"""\n {2}LEFT\n/m))).toHaveLength(1);
    const stricter = now.replace(
      'input LocationArchiveInput {',
      'input LocationArchiveInput {\n  why: String!',
    );
    expect(await breaksBetween(now, stricter)).toHaveLength(1);
    const wider = now.replace('type Query {', 'type Query {\n  weather: String');
    expect(await breaksBetween(now, wider)).toEqual([]);
  });

  test('is a valid schema, with deprecations that say what to use and until when', () => {
    expect(validateSchema(schema)).toEqual([]);
    const deprecated = Object.values(schema.getTypeMap()).flatMap((type) =>
      isObjectType(type) ? Object.values(type.getFields()).filter((field) => field.deprecationReason) : [],
    );
    expect(
      deprecated.filter(({ deprecationReason }) => !/\d{4}-\d{2}-\d{2}/.test(deprecationReason ?? '')),
    ).toEqual([]);
  });
});
