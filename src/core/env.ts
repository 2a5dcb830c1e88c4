// Configuration from environment variables, checked as a whole before anything starts.

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { StartupError } from './startup-error.ts';

const projectFolder = resolve(import.meta.dirname, '../..');
const postgresUrl = z
  .string()
  .refine(
    (url) => /^postgres(ql)?:\/\//.test(url) && URL.canParse(url),
    'must look like postgresql://user:password@host:5432/name',
  );
/** `https://host` or `https://host:port`, and nothing after it. */
const isOrigin = (text: string): boolean =>
  /^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).origin === text;

const flag = z.enum(['on', 'off']);

const schema = z
  .object({
    DATABASE_URL: postgresUrl.optional(),
    DATABASE_DIRECT_URL: postgresUrl.optional(),
    DATABASE_POOL_SIZE: z.coerce.number().int().min(2).max(200).default(10),
    HOST: z.string().min(1).default('127.0.0.1'),
    PORT: z.coerce
      .number('must be a whole number')
      .int('must be a whole number')
      .min(0)
      .max(65535)
      .default(4000),
    PUBLIC_URL: z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).optional(),
    ALLOWED_ORIGINS: z
      .string()
      .default('')
      .transform((list) => list.split(',').flatMap((origin) => origin.trim() || []))
      .refine(
        (origins) => origins.every((origin) => origin === '*' || isOrigin(origin)),
        'must list origins with commas between: https://shop.example,https://desk.example',
      ),
    DATA_DIR: z.string().min(1).default(join(projectFolder, '.data')),
    SECRET_KEY: z.string().min(32, 'must have at least 32 characters').optional(),
    ADMIN_EMAIL: z.email('must be an e-mail address').optional(),
    ADMIN_PASSWORD: z.string().min(12, 'must have at least 12 characters').optional(),
    MIGRATE: flag.default('on'),
    BACKGROUND: flag.default('on'),
    SAMPLE: flag.optional(),
    GRAPHIQL: flag.optional(),
    INTROSPECTION: flag.optional(),
    LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).optional(),
    NODE_ENV: z.string().default('development'),
  })
  .superRefine((env, context) => {
    if (env.DATABASE_URL && !env.SECRET_KEY) {
      context.addIssue({
        code: 'custom',
        path: ['SECRET_KEY'],
        message: 'is required with DATABASE_URL; make one with: openssl rand -base64 32',
      });
    }
    if (Boolean(env.ADMIN_EMAIL) !== Boolean(env.ADMIN_PASSWORD)) {
      const missing = env.ADMIN_EMAIL ? 'ADMIN_PASSWORD' : 'ADMIN_EMAIL';
      context.addIssue({
        code: 'custom',
        path: [missing],
        message: 'is required as well: the first administrator needs both',
      });
    }
    if (env.DATABASE_DIRECT_URL && !env.DATABASE_URL) {
      context.addIssue({
        code: 'custom',
        path: ['DATABASE_URL'],
        message: 'is required with DATABASE_DIRECT_URL',
      });
    }
  });

export type Env = z.output<typeof schema>;

/** Read the configuration. Throws one StartupError that names every variable that is wrong. */
export function readEnv(variables: Record<string, string | undefined> = process.env): Env {
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const width = Math.max(...result.error.issues.map((issue) => String(issue.path[0]).length));
  const rows = result.error.issues.map(
    (issue) => `  ${String(issue.path[0]).padEnd(width)}  ${issue.message}`,
  );
  throw new StartupError(
    `The configuration is not valid:\n${rows.join('\n')}`,
    'Set these environment variables right and start again; the README lists them all.',
  );
}

/** True where the source is checked out, which is where development conveniences make sense. */
export const isDevelopment = (env: Env): boolean =>
  env.NODE_ENV !== 'production' && existsSync(join(projectFolder, 'test'));
