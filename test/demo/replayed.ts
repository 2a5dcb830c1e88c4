// The slice of the recording played into a running Dayshift, and what its database then has of it.

import { readBooks } from '../../prisma/seed/replay/books.ts';
import { buildDepartment } from '../../prisma/seed/replay/department.ts';
import { goodsOf } from '../../prisma/seed/replay/goods.ts';
import { makeMoney } from '../../prisma/seed/replay/money.ts';
import { makePace } from '../../prisma/seed/replay/pace.ts';
import { crewOf } from '../../prisma/seed/replay/people.ts';
import { stepsOf } from '../../prisma/seed/replay/plan.ts';
import { playSteps } from '../../prisma/seed/replay/play.ts';
import { parseRecording } from '../../prisma/seed/replay/recording.ts';
import { countRest } from '../../prisma/seed/replay/report.ts';
import { noActs, type Stage } from '../../prisma/seed/replay/stage.ts';
import { makeTally } from '../../prisma/seed/replay/tally.ts';
import { readTotals } from '../../prisma/seed/replay/totals.ts';
import type { App } from '../setup/app.ts';
import { PASSWORD } from '../setup/given.ts';
import { pricesInSlice, sliceCsv } from './slice.ts';

export const invoices = parseRecording(sliceCsv);
const goods = goodsOf(invoices);
const steps = stepsOf(invoices, goods);
const quiet = () => ({ advance: () => {}, end: () => {} });

export interface OrderRow {
  /** Number of the invoice: of an order by telephone, on the marketplace, on the own site. */
  reference: string;
  store: string;
  state: string;
  payment_state: string;
  by_customer: boolean;
  by_guest: boolean;
  by_partner: boolean;
}

export interface LineRow {
  reference: string;
  sku: string;
  quantity: number;
  cancelled: number;
  /** Units for which money went back by line. */
  returned: number;
  /** True for a line of an order that nobody paid. */
  closed: boolean;
}

const REFERENCE = `coalesce(o.external_reference, po.reference, substring(p.email from '\\+([^@]+)@'))`;
const ORDERS = `"order" o JOIN store s ON s.id = o.store_id JOIN person_order p ON p.order_id = o.id
  LEFT JOIN platform_order po ON po.order_id = o.id`;

/** A department for the slice, built, in which it can be played again and again. */
export async function replayIn(app: App) {
  const crew = await crewOf(app.url, app.admin.token ?? '', PASSWORD);
  const department = await buildDepartment(crew, goods, quiet);
  return {
    /** Play the steps; those after the first so many are not reached. */
    async play(stopAfter = Number.POSITIVE_INFINITY) {
      const books = await readBooks(crew.admin, Object.values(department.stores));
      const own = { tally: makeTally(goods), money: makeMoney(goods), acts: noActs() };
      const stage: Stage = { crew, department, goods, steps, books, ...own };
      const stopping = new AbortController();
      let done = 0;
      const stopInTime = () => {
        if (++done === stopAfter) stopping.abort();
      };
      await playSteps(stage, makePace(0, stopping.signal), stopInTime).catch((error: unknown) => {
        if (!stopping.signal.aborted) throw error;
      });
      countRest(stage.tally, invoices);
      return { ...stage, api: await readTotals(crew.admin, department, books.values()) };
    },

    orders: () =>
      app.sql<OrderRow & Record<string, unknown>>(
        `SELECT ${REFERENCE} AS reference, s.code AS store, o.state, o.payment_state,
           o.customer_id IS NOT NULL AS by_customer, o.guest_hash IS NOT NULL AS by_guest,
           o.partner_id IS NOT NULL AS by_partner
         FROM ${ORDERS} ORDER BY 1`,
      ),

    lines: () =>
      app.sql<LineRow & Record<string, unknown>>(
        `SELECT ${REFERENCE} AS reference, l.sku, l.quantity, l.cancelled,
           (SELECT coalesce(sum(r.quantity), 0)::int FROM refund_line r WHERE r.order_line_id = l.id) AS returned,
           o.cancel_reason IS NOT DISTINCT FROM 'UNREACHABLE' AS closed
         FROM order_line l JOIN ${ORDERS} ON o.id = l.order_id ORDER BY 1, l.position`,
      ),
  };
}

export type Replay = Awaited<ReturnType<typeof replayIn>>;
export type Played = Awaited<ReturnType<Replay['play']>>;

/** What units of lines come to at the prices that the file says most often, in pence. */
export function worth(lines: readonly LineRow[], units: (line: LineRow) => number): bigint {
  const prices = pricesInSlice();
  return lines.reduce((sum, line) => sum + BigInt((prices.get(line.sku) ?? 0) * units(line)), 0n);
}
