// What the world sees of carriers, shipments and where they are.

import './events.ts';
import './schema/carrier.ts';
import './schema/order-track.ts';
import './schema/shipment.ts';
import './schema/shipments.ts';
