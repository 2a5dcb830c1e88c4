// Lists of ids in statements that are sent all the time.

import { Prisma } from '../generated/prisma/client.ts';

/**
 * A list whose length the planner cannot see. Were it to see it, it would find a plan for each list cheaper than the
 * one for all, and plan the statement anew whenever it is sent, although it is prepared.
 */
export const uuids = (ids: readonly string[]): Prisma.Sql => Prisma.sql`(SELECT ${ids}::uuid[])::uuid[]`;
