// Accounts of imported orders: whatever money there was moved elsewhere, long ago.

import type { Tx } from '../../core/db.ts';
import type { AccountAmounts } from '../rules.ts';

/** What an imported order owes, and what came in for it here: nothing. */
export const settledElsewhere: AccountAmounts = {
  dueMinor: 0n,
  capturedMinor: 0n,
  refundingMinor: 0n,
  refundedMinor: 0n,
};

/** Open the accounts of orders for which nothing is due here, and nothing will be. Their ledgers are empty. */
export async function importAccounts(
  tx: Tx,
  orders: readonly { orderId: string; storeId: string; currency: string }[],
  at: Date,
): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO payment_account (order_id, store_id, currency, terms, due_minor, created_at)
    SELECT "orderId", "storeId", currency, 'PREPAID', 0, ${at}
    FROM jsonb_to_recordset(${JSON.stringify(orders)}::jsonb) AS r ("orderId" uuid, "storeId" uuid, currency text)`;
}
