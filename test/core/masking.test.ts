// Masking: what is left of personal data for those who need not know it.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maskEmail, maskName, maskPhone, maskText } from '../../src/core/masking.ts';

test('T25 a name keeps its first character, a phone number its ends, an e-mail address its domain', () => {
  expect(['张三', '欧阳娜娜', 'Anna Berg', ' Li '].map(maskName)).toEqual(['张*', '欧*', 'A***', 'L***']);
  expect(['13812341234', '+86 138 1234 1234', '020-1234', '999'].map(maskPhone)).toEqual([
    '138****1234',
    '+86****1234',
    '*****34',
    '***',
  ]);
  expect(['anna@x.com', '"a@b"@x.com', 'nonsense'].map(maskEmail)).toEqual([
    'a***@x.com',
    '"***@x.com',
    '***',
  ]);
  expect(maskText('文三路 1 号')).toBe('***');
});

test('T25 a single character is not shown, because it would be the whole', () => {
  expect([maskName('张'), maskEmail('a@x.com')]).toEqual(['***', '***@x.com']);
});

test('T25 a masked name does not say how long it was, and nothing stays nothing', () => {
  expect(maskName('Al')).toBe(maskName('Alexandra Konstantinopolskaya'));
  expect(['', ' '].flatMap((empty) => [maskName, maskPhone, maskText].map((mask) => mask(empty)))).toEqual(
    Array.from({ length: 6 }, () => ''),
  );
});

test('T25 masking what is masked changes nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      for (const mask of [maskName, maskPhone, maskEmail, maskText])
        expect(mask(mask(text))).toBe(mask(text));
    }),
  );
});

test('T25 most digits of a phone number are hidden, or none is shown', () => {
  const digits = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 15 }).map((all) => all.join(''));
  fc.assert(
    fc.property(digits, (phone) => {
      const shown = maskPhone(phone).replace(/\*/g, '').length;
      expect(shown === 0 || phone.length - shown >= 4).toBe(true);
    }),
  );
});
