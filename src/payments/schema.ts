// What the world sees of money: accounts of orders, payments, refunds.

import './events.ts';
import './schema/account.ts';
import './schema/payment-option.ts';
import './schema/payment.ts';
import './schema/refund.ts';
