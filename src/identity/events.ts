// What happens to staff, posts, customers and their sessions.

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
    'customer.registered': Record<string, never>;
    'customer.added': Record<string, never>;
    'customer.imported': Record<string, never>;
    'customer.changed': Record<string, never>;
    'customer.passwordChanged': Record<string, never>;
    'customer.erased': { reason: string | null };
    'customerSession.opened': { customerNodeId: string };
    'customerSession.revoked': { customerNodeId: string };
  }
}

defineEvents({
  type: 'Staff',
  read: 'staff.read',
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
  read: 'staff.read',
  events: {
    'post.defined': { en: 'Post defined', zh: '新建岗位' },
    'post.changed': { en: 'Post changed', zh: '岗位变更' },
    'post.archived': { en: 'Post archived', zh: '岗位停用' },
  },
});

defineEvents({
  type: 'Session',
  read: 'staff.manage',
  events: {
    'session.opened': { en: 'Logged in', zh: '登录' },
    'session.revoked': { en: 'Session revoked', zh: '会话已撤销' },
  },
});

defineEvents({
  type: 'Customer',
  read: 'customers.read',
  withheld: ['name', 'email', 'phone', 'password', 'addresses'],
  events: {
    'customer.registered': { en: 'Customer registered', zh: '客户注册' },
    'customer.added': { en: 'Customer added', zh: '新增客户' },
    'customer.imported': { en: 'Customer of imported orders', zh: '导入历史订单的客户', history: true },
    'customer.changed': { en: 'Customer changed', zh: '客户信息变更' },
    'customer.passwordChanged': { en: 'Password changed', zh: '密码已修改' },
    'customer.erased': { en: 'Personal data erased', zh: '个人信息已删除', notes: ['reason'] },
  },
});

defineEvents({
  type: 'CustomerSession',
  read: 'customers.read',
  events: {
    'customerSession.opened': { en: 'Logged in', zh: '登录' },
    'customerSession.revoked': { en: 'Session revoked', zh: '会话已撤销' },
  },
});
