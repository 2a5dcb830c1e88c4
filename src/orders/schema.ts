// What the world sees of orders.

import './events.ts';
import './schema/contact.ts';
import './schema/hold.ts';
import './schema/order.ts';
import './schema/order-import.ts';
import './schema/order-line.ts';
import './schema/platform-order.ts';
import './schema/mention.ts';
import './schema/remark.ts';
import './schema/orders.ts';
