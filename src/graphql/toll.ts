// What every operation pays before it runs.

import {
  type ExecutionArgs,
  type GraphQLError,
  getOperationAST,
  type OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql';
import type { Actor } from '../core/actor.ts';
import { requestError } from './request-errors.ts';
import { type Balance, type Buckets, type Budget, isUnproved, payerOf } from './toll/budget.ts';
import { planOf } from './toll/cost.ts';

/** Objects that one operation may ask for. */
const OBJECTS_MAX = 25_000;
const OBJECTS_MAX_UNPROVED = 2_500;
/** Objects that a subscription may ask for: it pays once, and is executed for every event. */
const OBJECTS_MAX_EACH_EVENT = 1_000;

export interface Toll {
  buckets: Buckets;
  budget: Budget;
}

/** What an operation paid. */
export interface Receipt {
  /** `extensions.cost` of the answer, without settling. */
  cost: Cost;
  /** Give back what lists did not fill, and tell what the operation came to. For answers without an error only. */
  settle(data: unknown): Cost;
}

/** As the Admin API of Shopify tells it, in objects; `resetsInSeconds` is when the bucket is full again. */
export interface Cost {
  requestedQueryCost: number;
  actualQueryCost: number | null;
  throttleStatus: {
    maximumAvailable: number;
    currentlyAvailable: number;
    restoreRate: number;
    resetsInSeconds: number;
  };
}

/**
 * Charge an operation to its caller, with the variables of this request. The error with which it is refused: TOO_COSTLY
 * when it may never run, RATE_LIMITED when it has to wait. Null for a document without this operation.
 */
export async function charge(
  { buckets, budget }: Toll,
  args: ExecutionArgs,
  actor: Actor,
): Promise<Receipt | GraphQLError | null> {
  const operation = getOperationAST(args.document, args.operationName);
  if (!operation) return null;
  const plan = planOf(args.schema, args.document, operation);
  const variables = args.variableValues ?? {};
  const objects = plan.requested(variables);
  const max = Math.min(objectsMax(operation, actor), budget.maximum);
  const payer = payerOf(actor);
  if (objects > max) {
    const cost = costOf(budget, objects, null, await buckets.take(payer, 0, budget));
    return requestError('TOO_COSTLY', { params: { objects, max }, data: { objects, max, cost } });
  }
  const balance = await buckets.take(payer, objects, budget);
  const cost = costOf(budget, objects, null, balance);
  if (!balance.admitted) return throttled(balance, cost);
  return {
    cost,
    settle(data) {
      const actual = Math.min(objects, plan.actual(variables, data));
      const unfilled = objects - actual;
      if (unfilled > 0) buckets.giveBack(payer, unfilled, budget);
      return costOf(budget, objects, actual, { ...balance, available: balance.available + unfilled });
    },
  };
}

function objectsMax({ operation }: OperationDefinitionNode, actor: Actor): number {
  if (operation === OperationTypeNode.SUBSCRIPTION) return OBJECTS_MAX_EACH_EVENT;
  return isUnproved(actor) ? OBJECTS_MAX_UNPROVED : OBJECTS_MAX;
}

const costOf = (
  { maximum, restorePerSecond }: Budget,
  requested: number,
  actual: number | null,
  { available }: Balance,
): Cost => ({
  requestedQueryCost: requested,
  actualQueryCost: actual,
  throttleStatus: {
    maximumAvailable: maximum,
    currentlyAvailable: available,
    restoreRate: restorePerSecond,
    resetsInSeconds: Math.ceil((maximum - available) / restorePerSecond),
  },
});

function throttled({ waitMs }: Balance, cost: Cost): GraphQLError {
  const seconds = Math.max(1, Math.ceil(waitMs / 1_000));
  return requestError('THROTTLED', { params: { seconds }, data: { retryAfterSeconds: seconds, cost } });
}
