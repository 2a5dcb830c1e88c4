// Configuration from environment variables, checked as a whole before anything starts.

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { networksOf, readNetwork } from './networks.ts';
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

/** The parts of a list with commas between. */
const commaList = z
  .string()
  .default('')
  .transform((list) => list.split(',').flatMap((part) => part.trim() || []));

const flag = z.enum(['on', 'off']);
const httpUrl = z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).optional();

/** A number within bounds. Whatever is wrong with it, one message says all that is asked of it. */
function numberFrom(minimum: number, maximum: number, kind: 'number' | 'whole number' = 'number') {
  const message = `must be a ${kind} from ${minimum} to ${maximum}`;
  const isRight = (value: number) =>
    value >= minimum && value <= maximum && (kind === 'number' || Number.isInteger(value));
  return z.coerce.number(message).refine(isRight, message);
}

const wholeFrom = (minimum: number, maximum: number) => numberFrom(minimum, maximum, 'whole number');

/** What reading the schema counts: a smaller bucket would never admit it. A page of 100 objects counts 201. */
const COST_MAXIMUM_LEAST = 500;
const COST_MOST = 1_000_000_000;

const schema = z
  .object({
    DATABASE_URL: postgresUrl.optional(),
    DATABASE_DIRECT_URL: postgresUrl.optional(),
    DATABASE_POOL_SIZE: wholeFrom(2, 200).default(10),
    REDIS_URL: z
      .string()
      .refine(
        (url) => /^rediss?:\/\//.test(url) && URL.canParse(url),
        'must look like redis://user:password@host:6379',
      )
      .optional(),
    HOST: z.string().min(1).default('127.0.0.1'),
    PORT: wholeFrom(0, 65_535).default(4000),
    ALLOWED_ORIGINS: commaList.refine(
      (origins) => origins.every((origin) => origin === '*' || isOrigin(origin)),
      'must list origins with commas between: https://shop.example,https://desk.example',
    ),
    TRUSTED_PROXIES: commaList
      .refine(
        (networks) => networks.every((network) => readNetwork(network) !== null),
        'must list addresses or networks with commas between: 10.0.0.0/8,192.0.2.1',
      )
      .transform(networksOf),
    COST_MAXIMUM: wholeFrom(COST_MAXIMUM_LEAST, COST_MOST).default(100_000),
    COST_RESTORE: wholeFrom(1, COST_MOST).default(5_000),
    SHEDDING: flag.default('on'),
    SLOW_READER_SECONDS: numberFrom(1, 3_600).default(10),
    DATA_DIR: z.string().min(1).default(join(projectFolder, '.data')),
    SECRET_KEY: z.string().min(32, 'must have at least 32 characters').optional(),
    ADMIN_EMAIL: z.email('must be an e-mail address').optional(),
    ADMIN_PASSWORD: z.string().min(12, 'must have at least 12 characters').optional(),
    MIGRATE: flag.default('on'),
    BACKGROUND: flag.default('on'),
    EGRESS_PRIVATE: z.enum(['allow', 'deny']).default('deny'),
    SAMPLE: flag.optional(),
    GRAPHIQL: flag.optional(),
    METRICS_TOKEN: z.string().min(16, 'must have at least 16 characters').optional(),
    INTROSPECTION: z.enum(['on', 'internal', 'off']).optional(),
    LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).optional(),
    OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: httpUrl,
    OTEL_EXPORTER_OTLP_PROTOCOL: z.string().optional(),
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: z.string().optional(),
    OTEL_SERVICE_NAME: z.string().optional(),
    OTEL_TRACES_SAMPLER: z
      .enum([
        'always_on',
        'always_off',
        'traceidratio',
        'parentbased_always_on',
        'parentbased_always_off',
        'parentbased_traceidratio',
      ])
      .default('parentbased_traceidratio'),
    OTEL_TRACES_SAMPLER_ARG: numberFrom(0, 1).default(0.01),
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
    const { OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: own, OTEL_EXPORTER_OTLP_PROTOCOL: shared } = env;
    const isTraced = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_ENDPOINT;
    if (isTraced && (own ?? shared ?? 'http/json') !== 'http/json') {
      context.addIssue({
        code: 'custom',
        path: [`OTEL_EXPORTER_OTLP_${own ? 'TRACES_' : ''}PROTOCOL`],
        message: 'must be http/json, the only form in which traces are sent',
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
