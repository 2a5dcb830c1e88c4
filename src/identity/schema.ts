// What the world sees of staff, posts, customers and their sessions.

import './events.ts';
import './schema/customer.ts';
import './schema/customer-address.ts';
import './schema/customer-session.ts';
import './schema/post.ts';
import './schema/session.ts';
import './schema/staff.ts';
import './schema/title.ts';
