// What identity says to people, in every language.

import { defineErrors } from '../core/errors.ts';
import { defineTitles } from '../core/texts.ts';

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
  GRANT_EXCEEDS_OWN: {
    en: 'You cannot give rights that you do not have: {what}.',
    zh: '不能授予您自己没有的权限：{what}。',
  },
  LAST_ADMINISTRATOR: { en: 'The last administrator must stay.', zh: '必须保留最后一名管理员。' },
});

export const staffStates = defineTitles('StaffState', {
  ACTIVE: { en: 'Active', zh: '在职' },
  LEFT: { en: 'Left', zh: '离职' },
});

export const languages = defineTitles('Locale', {
  en: { en: 'English', zh: '英语' },
  zh: { en: 'Chinese', zh: '中文' },
});
