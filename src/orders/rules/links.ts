// Links by which somebody without an account follows one order.

import { linkTo } from '../../identity/rules.ts';

/** A signed token that opens the tracking of one order, and nothing else, for 30 days. */
export const followToken = (orderId: string, at: Date): string => linkTo(orderId, at);
