// Countries as files name them. Pure: no database, no clock.

const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
/** The code of a country that is not known, or is none. */
const UNKNOWN = 'ZZ';

/** Names that files use and the tables of this runtime do not. */
const alsoCalled: Readonly<Record<string, string>> = {
  'czech republic': 'CZ',
  eire: 'IE',
  'european community': 'EU',
  'great britain': 'GB',
  'hong kong': 'HK',
  rsa: 'ZA',
  turkey: 'TR',
  uk: 'GB',
  usa: 'US',
};

/** Code by name, in lower case. Of two codes with one name the first counts: GB, not UK. */
const codes: ReadonlyMap<string, string> = new Map([
  ...LETTERS.flatMap((a) => LETTERS.map((b) => a + b))
    .flatMap((code) => {
      const name = names.of(code);
      return name && code !== UNKNOWN ? [[name.toLowerCase(), code] as const] : [];
    })
    .reverse(),
  ...Object.entries(alsoCalled),
]);

/** The country of a line: its ISO 3166-1 alpha-2 code, and what the file says where that is none. */
export function countryOf(given: string): { country: string; region: string | null } {
  const name = given.trim();
  if (/^[A-Z]{2}$/.test(name) && names.of(name)) return { country: name, region: null };
  const country = codes.get(name.toLowerCase());
  if (country) return { country, region: null };
  return { country: UNKNOWN, region: name.slice(0, 100) || null };
}
