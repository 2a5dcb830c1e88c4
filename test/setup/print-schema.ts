// The schema as text. Run by itself, writes schema.graphql: npm run schema

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { schema } from '../../src/schema.ts';
import { project } from './source.ts';

export const schemaFile = join(project, 'schema.graphql');

export const printedSchema = (): string => `${printSchema(lexicographicSortSchema(schema))}\n`;

if (import.meta.main) writeFileSync(schemaFile, printedSchema());
