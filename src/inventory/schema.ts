// What the world sees of locations and stock.

import './events.ts';
import './schema/location.ts';
import './schema/stock.ts';
import './schema/availability.ts';
import './schema/reservation.ts';
