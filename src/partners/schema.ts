// What the world sees of partners, their keys, connections and webhooks.

import './events.ts';
import './schema/connection.ts';
import './schema/key.ts';
import './schema/partner.ts';
import './schema/webhook.ts';
import './schema/webhook-delivery.ts';
