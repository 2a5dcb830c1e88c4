// The languages of the department and the tables of texts that the product itself speaks.

export type Locale = 'en' | 'zh';

/** One text in every language of the product. */
export type Text = Readonly<Record<Locale, string>>;

const titles = new Map<string, Readonly<Record<string, Text>>>();

/** Register the titles of an enum's values, shown to people by `Query.titles`. */
export function defineTitles<Values extends Record<string, Text>>(name: string, values: Values): Values {
  titles.set(name, values);
  return values;
}

/** Every registered title: enum name, value and text in `locale`. */
export const listTitles = (locale: Locale): { enum: string; value: string; title: string }[] =>
  [...titles].flatMap(([name, values]) =>
    Object.entries(values).map(([value, text]) => ({ enum: name, value, title: text[locale] })),
  );

const typeTitles = new Map<string, Text>();

/** Register what people call the objects of a domain's GraphQL types, in the middle of a sentence. */
export function defineTypeTitles(table: Readonly<Record<string, Text>>): void {
  for (const [type, title] of Object.entries(table)) typeTitles.set(type, title);
}

/** What people call the objects of a type; its name where nobody said. */
export const typeTitle = (type: string): Text => typeTitles.get(type) ?? { en: type, zh: type };

/** What fills a `{name}` place of a text: a value, or a title in every language. */
export type Param = string | number | Text;

/** A text in one language with parameters put into its `{name}` places. */
export const fillIn = (text: Text, params: Readonly<Record<string, Param>>, locale: Locale): string =>
  text[locale].replace(/\{(\w+)\}/g, (place, name: string) => {
    const param = params[name] ?? place;
    return typeof param === 'object' ? param[locale] : String(param);
  });

const reasons = new Map<string, Text>();

/**
 * Register the reasons that the product itself gives, and get them as rows and events have them: by name, so that
 * everybody reads them in their own language. They begin with a space, which no text from outside does: those are
 * trimmed. A name stays for ever, because rows have it.
 */
export function defineReasons<Table extends Record<string, Text>>(
  table: Table,
): { readonly [Name in keyof Table]: string } {
  for (const [name, text] of Object.entries(table)) {
    if (reasons.has(name)) throw new Error(`reason ${name} is defined twice`);
    reasons.set(name, text);
  }
  const written = Object.keys(table).map((name) => [name, ` #${name}`]);
  return Object.fromEntries(written) as { [Name in keyof Table]: string };
}

/** A reason of the product with what fills the places of its text. */
export const reasonWith = (reason: string, params: Readonly<Record<string, string | number>>): string =>
  `${reason} ${JSON.stringify(params)}`;

/** A value as people read it: a reason of the product in their language, anything else as it is. */
export function reasonIn<Value>(locale: Locale, value: Value): Value | string {
  const found = typeof value === 'string' ? /^ #(\w+)(?: (\{.*\}))?$/.exec(value) : null;
  const text = reasons.get(found?.[1] ?? '');
  return text ? fillIn(text, JSON.parse(found?.[2] ?? '{}'), locale) : value;
}

/** The language of ours that an Accept-Language header prefers; null when it names none of them. */
export function localeOf(acceptLanguage: string | undefined | null): Locale | null {
  const wishes = (acceptLanguage ?? '')
    .slice(0, 200)
    .split(',')
    .map((wish) => {
      const [tag = '', quality] = wish.trim().split(';q=');
      return { tag: tag.toLowerCase(), quality: quality === undefined ? 1 : Number(quality) || 0 };
    })
    .sort((a, b) => b.quality - a.quality);
  for (const { tag, quality } of wishes) {
    if (quality > 0 && /^zh\b/.test(tag)) return 'zh';
    if (quality > 0 && /^en\b/.test(tag)) return 'en';
  }
  return null;
}
