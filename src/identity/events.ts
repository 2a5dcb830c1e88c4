// What happens to staff, posts and sessions.

import { defineEvents } from '../core/events.ts';

declare module '../core/events.ts' {
  interface EventMap {
    'staff.hired': Record<string, never>;
    'staff.changed': Record<string, never>;
    'staff.left': Record<string, never>;
    'staff.passwordChanged': Record<string, never>;
    'post.defined': { code: string };
    'post.changed': { code: string };
    'post.archived': { code: string };
    'session.opened': { staffNodeId: string };
    'session.revoked': { staffNodeId: string };
  }
}

defineEvents({
  type: 'Staff',
  withheld: ['name', 'email', 'password'],
  events: {
    'staff.hired': { en: 'Staff member hired', zh: '员工入职' },
    'staff.changed': { en: 'Staff member changed', zh: '员工信息变更' },
    'staff.left': { en: 'Staff member left', zh: '员工离职' },
    'staff.passwordChanged': { en: 'Password changed', zh: '密码已修改' },
  },
});

defineEvents({
  type: 'Post',
  events: {
    'post.defined': { en: 'Post defined', zh: '新建岗位' },
    'post.changed': { en: 'Post changed', zh: '岗位变更' },
    'post.archived': { en: 'Post archived', zh: '岗位停用' },
  },
});

defineEvents({
  type: 'Session',
  events: {
    'session.opened': { en: 'Logged in', zh: '登录' },
    'session.revoked': { en: 'Session revoked', zh: '会话已撤销' },
  },
});
