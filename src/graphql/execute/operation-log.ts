// What is told of every operation: one line in the log, counters that Prometheus reads, and a span where traces are sent.

import { type GraphQLError, Kind, type OperationDefinitionNode } from 'graphql';
import { principalOf } from '../../core/actor.ts';
import { log } from '../../core/log.ts';
import { defineCounter, defineDuration } from '../../core/metrics.ts';
import type { SqlTime } from '../../core/sql-time.ts';
import { tellSpan } from '../../core/tracing.ts';
import type { Context } from '../context.ts';

/** Names of operations are made up by callers and have no end. */
const NAME_MAX = 100;

/** Errors that the caller has no part in. */
const OUR_FAULT = ['INTERNAL', 'OVERLOADED'];

const operations = defineCounter(
  'operations_total',
  'Operations by the first field of the root that they select, and by how they ended: `ok`, or the code of an error.',
  ['kind', 'field', 'outcome'],
);
const durations = defineDuration('operation_seconds', 'Time from admission to answer.', ['kind']);
const statements = defineDuration('operation_sql_seconds', 'Time that the SQL of an operation took.', [
  'kind',
]);

export interface OperationReport {
  /** When it began, as `performance.now()` tells it. */
  started: number;
  sql: SqlTime;
  /** Objects that it was charged for, and those that it came to. */
  cost?: { requestedQueryCost: number; actualQueryCost: number | null } | undefined;
  errors?: readonly GraphQLError[] | undefined;
}

/** Tell of an operation once it was answered, of a subscription once it was opened. Neither values nor results are told. */
export function tellOperation(
  operation: OperationDefinitionNode | null | undefined,
  { actor, traceparent }: Context,
  { started, sql, cost, errors = [] }: OperationReport,
): void {
  const kind = operation?.operation ?? 'query';
  const milliseconds = performance.now() - started;
  const codes = errors.map((error) => String(error.extensions.code));
  operations.inc({ kind, field: rootFieldOf(operation), outcome: codes[0] ?? 'ok' });
  durations.observe({ kind }, milliseconds / 1_000);
  statements.observe({ kind }, sql.milliseconds / 1_000);
  const name = operation?.name?.value.slice(0, NAME_MAX);
  const principal = principalOf(actor);
  const traceId = tellSpan({
    name: name ? `${kind} ${name}` : kind,
    milliseconds,
    traceparent,
    failure: codes.find((code) => OUR_FAULT.includes(code)),
    attributes: () => ({
      'graphql.operation.type': kind,
      ...(name ? { 'graphql.operation.name': name } : {}),
      'dayshift.principal': principal,
      'dayshift.sql.statements': sql.statements,
      'dayshift.sql.milliseconds': rounded(sql.milliseconds),
      ...(cost ? { 'dayshift.cost.requested': cost.requestedQueryCost } : {}),
      ...(cost?.actualQueryCost != null ? { 'dayshift.cost.actual': cost.actualQueryCost } : {}),
      ...(codes.length > 0 ? { 'dayshift.errors': [...new Set(codes)] } : {}),
    }),
  });
  log.info(
    {
      operation: name ?? 'anonymous',
      kind,
      source: actor.source,
      principal,
      requestId: actor.requestId,
      ...(traceId ? { traceId } : {}),
      milliseconds: rounded(milliseconds),
      sql: { statements: sql.statements, milliseconds: rounded(sql.milliseconds) },
      ...(cost ? { cost: { requested: cost.requestedQueryCost, actual: cost.actualQueryCost } } : {}),
      ...(codes.length > 0 ? { errors: codes } : {}),
    },
    'operation',
  );
}

/** A name from a bounded set: the document was validated, so the field is one of the schema. */
function rootFieldOf(operation: OperationDefinitionNode | null | undefined): string {
  const first = operation?.selectionSet.selections[0];
  return first?.kind === Kind.FIELD ? first.name.value : 'fragment';
}

const rounded = (milliseconds: number): number => Math.round(milliseconds * 10) / 10;
