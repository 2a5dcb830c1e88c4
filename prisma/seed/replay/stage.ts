// What the steps of the replay play on, and the acts that they do on orders.

import { type BookedOrder, PROGRESS, progressOf, refresh } from './books.ts';
import type { Department } from './department.ts';
import type { Goods } from './goods.ts';
import type { Purchases } from './matching.ts';
import type { Money } from './money.ts';
import type { Crew } from './people.ts';
import type { Step } from './plan.ts';
import type { Tally } from './tally.ts';

/** How often each thing was done, by this run or an earlier one. */
export interface Acts {
  boughtOnSite: number;
  pushed: number;
  telephoned: number;
  /** Orders that could not be placed, because every line was out of stock. */
  refused: number;
  held: number;
  released: number;
  waited: number;
  paid: number;
  closed: number;
  confirmed: number;
  dispatched: number;
  delivered: number;
  completed: number;
  cancelled: number;
  returned: number;
  /** Goods that came in again, in this run. */
  restocked: number;
}

export const noActs = (): Acts => ({
  boughtOnSite: 0,
  pushed: 0,
  telephoned: 0,
  refused: 0,
  held: 0,
  released: 0,
  waited: 0,
  paid: 0,
  closed: 0,
  confirmed: 0,
  dispatched: 0,
  delivered: 0,
  completed: 0,
  cancelled: 0,
  returned: 0,
  restocked: 0,
});

export const placedIn = ({ boughtOnSite, pushed, telephoned }: Acts): number =>
  boughtOnSite + pushed + telephoned;

export interface Stage {
  crew: Crew;
  department: Department;
  goods: Goods;
  steps: readonly Step[];
  /** Orders by reference, those of earlier runs among them. */
  books: Map<string, BookedOrder>;
  tally: Tally;
  money: Money;
  acts: Acts;
}

export interface Play extends Stage {
  purchases: Purchases;
  /** What was counted already, each once for an order. */
  counted: Set<string>;
}

/** Count what became of an order, once. True the first time. */
export function countOnce(play: Play, order: BookedOrder, act: keyof Acts): boolean {
  const key = `${act} ${order.id}`;
  if (play.counted.has(key)) return false;
  play.counted.add(key);
  play.acts[act]++;
  return true;
}

/** Do an act of the clerk on an order and take over what the order is then, also when the act was refused. */
export async function act(
  { crew }: Play,
  order: BookedOrder,
  mutation: string,
  input: object,
): Promise<{ isDone: boolean }> {
  type Answer = { order: Parameters<typeof progressOf>[0] | null };
  const answer = await crew.clerk.act<Answer>(mutation, input, `order { ${PROGRESS} }`);
  if (answer.order) Object.assign(order, progressOf(answer.order));
  else await refresh(crew.clerk, order);
  return { isDone: answer.order !== null };
}
