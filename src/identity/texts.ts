// What identity says to people, in every language.

import { defineErrors } from '../core/errors.ts';
import { defineTitles, defineTypeTitles } from '../core/texts.ts';

export const identityProblem = defineErrors({
  LOGIN_FAILED: { en: 'E-mail or password is wrong.', zh: '邮箱或密码错误。' },
  LOGIN_THROTTLED: {
    en: 'Too many attempts. Try again in {seconds} seconds.',
    zh: '尝试次数过多，请在 {seconds} 秒后重试。',
  },
  UNKNOWN_PERMISSION: { en: 'There is no permission {name}.', zh: '不存在权限 {name}。' },
  REFERENCE_POST: {
    en: 'A post that comes with Dayshift cannot be changed; define another.',
    zh: '系统内置岗位不可修改，请另建岗位。',
  },
  LAST_ADMINISTRATOR: { en: 'The last administrator must stay.', zh: '必须保留最后一名管理员。' },
  ADDRESS_LIMIT: {
    en: 'At most {max} addresses are kept. Drop one first.',
    zh: '最多保存 {max} 个地址，请先删除一个。',
  },
  OPEN_ORDERS: {
    en: 'Orders of this customer are still open, unpaid or being refunded. Settle them first.',
    zh: '该客户仍有未完结、未付清或退款中的订单，请先处理完毕。',
  },
});

defineTypeTitles({
  Customer: { en: 'customer', zh: '客户' },
  CustomerAddress: { en: 'customer address', zh: '客户地址' },
  CustomerSession: { en: 'customer session', zh: '客户会话' },
  Post: { en: 'post', zh: '岗位' },
  Session: { en: 'session', zh: '会话' },
  Staff: { en: 'staff', zh: '员工' },
});

export const staffStates = defineTitles('StaffState', {
  ACTIVE: { en: 'Active', zh: '在职' },
  LEFT: { en: 'Left', zh: '离职' },
});

export const customerStates = defineTitles('CustomerState', {
  ACTIVE: { en: 'Active', zh: '正常' },
  ERASED: { en: 'Erased', zh: '已删除个人信息' },
});

export const languages = defineTitles('Locale', {
  en: { en: 'English', zh: '英语' },
  zh: { en: 'Chinese', zh: '中文' },
});
