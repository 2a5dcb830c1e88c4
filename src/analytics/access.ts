// Who may see numbers and the audit log.

import { definePermissions } from '../core/actor.ts';

declare module '../core/actor.ts' {
  interface Permissions {
    'board.read': true;
    'events.read': true;
  }
}

definePermissions({
  'board.read': { kind: 'read', en: 'See the board', zh: '查看看板' },
  'events.read': { kind: 'read', en: 'See the audit log', zh: '查看审计日志' },
});
