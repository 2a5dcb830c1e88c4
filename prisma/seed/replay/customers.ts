// Customers of the recorded orders: the recording has only numbers, so names and addresses are made up from them.

import { hashOf } from './goods.ts';
import type { Invoice } from './recording.ts';

interface Place {
  /** ISO 3166-1 alpha-2 code. */
  country: string;
  cities: readonly string[];
}

/** Countries as the recording calls them. */
const places: Readonly<Record<string, Place>> = {
  'United Kingdom': {
    country: 'GB',
    cities: ['Leeds', 'Bristol', 'Norwich', 'Exeter', 'York', 'Cardiff', 'Perth'],
  },
  EIRE: { country: 'IE', cities: ['Dublin', 'Cork', 'Galway'] },
  France: { country: 'FR', cities: ['Lyon', 'Nantes', 'Lille'] },
  Germany: { country: 'DE', cities: ['Hamburg', 'Leipzig', 'Köln'] },
  Netherlands: { country: 'NL', cities: ['Utrecht', 'Delft'] },
  Belgium: { country: 'BE', cities: ['Gent', 'Liège'] },
  Spain: { country: 'ES', cities: ['Valencia', 'Bilbao'] },
  Portugal: { country: 'PT', cities: ['Porto', 'Braga'] },
  Italy: { country: 'IT', cities: ['Torino', 'Bologna'] },
  Switzerland: { country: 'CH', cities: ['Basel', 'Lausanne'] },
  Austria: { country: 'AT', cities: ['Graz', 'Linz'] },
  Sweden: { country: 'SE', cities: ['Uppsala', 'Malmö'] },
  Norway: { country: 'NO', cities: ['Bergen', 'Trondheim'] },
  Denmark: { country: 'DK', cities: ['Aarhus', 'Odense'] },
  Finland: { country: 'FI', cities: ['Turku', 'Oulu'] },
  Iceland: { country: 'IS', cities: ['Akureyri'] },
  Poland: { country: 'PL', cities: ['Gdańsk', 'Wrocław'] },
  'Czech Republic': { country: 'CZ', cities: ['Brno'] },
  Lithuania: { country: 'LT', cities: ['Kaunas'] },
  Greece: { country: 'GR', cities: ['Patras'] },
  Cyprus: { country: 'CY', cities: ['Larnaca'] },
  Malta: { country: 'MT', cities: ['Valletta'] },
  'Channel Islands': { country: 'JE', cities: ['Saint Helier'] },
  'European Community': { country: 'LU', cities: ['Luxembourg'] },
  Australia: { country: 'AU', cities: ['Hobart', 'Perth'] },
  Japan: { country: 'JP', cities: ['Sendai', 'Kobe'] },
  'Hong Kong': { country: 'HK', cities: ['Kowloon'] },
  Singapore: { country: 'SG', cities: ['Singapore'] },
  Bahrain: { country: 'BH', cities: ['Manama'] },
  'United Arab Emirates': { country: 'AE', cities: ['Sharjah'] },
  'Saudi Arabia': { country: 'SA', cities: ['Jeddah'] },
  Lebanon: { country: 'LB', cities: ['Beirut'] },
  Israel: { country: 'IL', cities: ['Haifa'] },
  USA: { country: 'US', cities: ['Portland', 'Buffalo'] },
  Canada: { country: 'CA', cities: ['Halifax', 'Calgary'] },
  Brazil: { country: 'BR', cities: ['Recife'] },
  RSA: { country: 'ZA', cities: ['Durban'] },
};

const unknownPlace: Place = { country: 'GB', cities: ['Oxford'] };

const givenNames = [
  'Ada',
  'Ben',
  'Clara',
  'Dylan',
  'Elsie',
  'Finn',
  'Grace',
  'Hugo',
  'Iris',
  'Jonas',
  'Kate',
  'Leo',
  'Maya',
  'Noah',
  'Olive',
  'Paul',
  'Rosa',
  'Sam',
  'Tess',
  'Umar',
  'Vera',
  'Will',
  'Yasmin',
  'Zoe',
] as const;
const familyNames = [
  'Archer',
  'Baker',
  'Carter',
  'Draper',
  'Ellis',
  'Fisher',
  'Glover',
  'Hunter',
  'Ingram',
  'Joiner',
  'Keller',
  'Lister',
  'Mason',
  'Naylor',
  'Osborne',
  'Potter',
  'Quill',
  'Reeve',
  'Sawyer',
  'Tanner',
  'Usher',
  'Vintner',
  'Weaver',
  'Young',
] as const;
const streets = [
  'Mill Lane',
  'Station Road',
  'High Street',
  'Chapel Row',
  'Orchard Close',
  'Harbour Way',
] as const;

/**
 * Whom an invoice's order goes to. The same customer always has the same name and address; the e-mail address also has
 * the reference of the order, by which those of shoppers are found again.
 */
export function receiverOf(
  { customerId, number, country }: Pick<Invoice, 'customerId' | 'number' | 'country'>,
  reference: string,
) {
  const who = customerId === null ? 'guest' : `customer-${customerId}`;
  const hash = hashOf(customerId === null ? `guest-${number}` : who);
  const pick = <Value>(
    values: readonly [Value, ...Value[]] | readonly Value[],
    shift: number,
  ): Value | undefined => values[(hash >>> shift) % values.length];
  const place = places[country] ?? unknownPlace;
  return {
    contact: {
      name: `${pick(givenNames, 0)} ${pick(familyNames, 5)}`,
      email: `${who}+${reference}@example.com`,
    },
    address: {
      country: place.country,
      city: pick(place.cities, 10) ?? '',
      lines: [`${(hash % 180) + 1} ${pick(streets, 15)}`],
    },
  };
}
