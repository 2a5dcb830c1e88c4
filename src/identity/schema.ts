// What the world sees of staff, posts and sessions.

import './events.ts';
import './schema/post.ts';
import './schema/session.ts';
import './schema/staff.ts';
import './schema/title.ts';
