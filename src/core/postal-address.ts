// Postal addresses and phone numbers: what is asked of one, in China and elsewhere.

import { isSupportedCountry, isValidPhoneNumber, parsePhoneNumberFromString } from 'libphonenumber-js';
import { z } from 'zod';
import { defineErrors } from './errors.ts';
import { ALWAYS, inputObject, issue, list, pattern, text } from './inputs.ts';

const addressProblem = defineErrors({
  PHONE_INVALID: { en: 'This is no phone number in {country}.', zh: '这不是 {country} 的有效电话号码。' },
  COUNTRY_UNKNOWN: { en: 'This is no ISO 3166-1 country code.', zh: '这不是有效的国家代码。' },
  POSTAL_CODE_INVALID: { en: 'A postal code in China has six digits.', zh: '中国邮政编码为六位数字。' },
});

/** Where something is sent, without the receiver. */
export const postalAddress = inputObject('AddressInput', {
  country: pattern(/^[A-Z]{2}$/, {
    en: 'a country code has two capital letters',
    zh: '国家代码为两个大写字母',
  }).describe('ISO 3166-1 alpha-2 code: `CN`, `GB`.'),
  region: text(1, 100).optional().describe('Province or state (省). Required in China.'),
  city: text(1, 100).describe('City (市).'),
  district: text(1, 100).optional().describe('District (区/县). Required in China.'),
  lines: list(text(1, 200), 1, 5).describe('Street, house number and what follows, one entry a line.'),
  postalCode: text(1, 20).optional().describe('Postal code; six digits in China.'),
}).superRefine((address, context) => {
  if (!isSupportedCountry(address.country)) own(context, 'COUNTRY_UNKNOWN', ['country']);
  if (address.country !== 'CN') return;
  if (!address.region) issue(context, 'REQUIRED', {}, ['region']);
  if (!address.district) issue(context, 'REQUIRED', {}, ['district']);
  if (address.postalCode && !/^\d{6}$/.test(address.postalCode))
    own(context, 'POSTAL_CODE_INVALID', ['postalCode']);
}, ALWAYS);

/** Phone number of a receiver, kept as it was given; `checkReceiverPhone` compares it with the address. */
export const receiverPhone = () =>
  text(3, 40).describe('Phone number, with country code or as dialled in the country of the address.');

/** For `superRefine`: add PHONE_INVALID where a receiver's number is none in the country of the address. */
export function checkReceiverPhone(
  context: unknown,
  phone: string | undefined,
  country: string,
  path: (string | number)[],
): void {
  // An unknown country has its own problem.
  if (phone && isSupportedCountry(country) && !isValidPhoneNumber(phone, country))
    own(context, 'PHONE_INVALID', path, { country });
}

/** Phone number of a person, whatever their address. Becomes international: `+8613812341234`. */
export const phone = () =>
  z
    .string()
    .transform((value, context) => {
      const parsed = parsePhoneNumberFromString(value, 'CN');
      if (parsed?.isValid()) return parsed.number as string;
      issue(context, 'INVALID', {
        why: {
          en: 'this is no phone number; outside China it begins with + and the country code',
          zh: '不是有效的电话号码；中国大陆以外的号码须以 + 和国家代码开头',
        },
      });
      return value;
    })
    .meta({ graphql: 'String', bounds: 'With country code, or as dialled in China.' });

/** A problem with a code of this file's table. */
function own(
  context: unknown,
  code: Parameters<typeof addressProblem>[0],
  path: (string | number)[],
  params: Record<string, string> = {},
): void {
  issue(context, code as 'INVALID', params, path);
}
