// Texts that people wrote, in the language of the request and in every other.

import { builder } from './builder.ts';

/** The text in a language; where there is none, the other one. */
export const textIn = <Row extends { locale: string }>(
  rows: readonly Row[],
  locale: string,
): Row | undefined => rows.find((row) => row.locale === locale) ?? rows[0];

interface NameRow {
  locale: string;
  name: string;
}

const NameText = builder.objectRef<NameRow>('NameText').implement({
  description: 'A name in one language.',
  fields: (t) => ({
    locale: t.exposeString('locale', { description: 'Language of the name: `en` or `zh`.' }),
    name: t.exposeString('name', { description: 'The name.' }),
  }),
});

const texts = { texts: { orderBy: { locale: 'asc' }, select: { locale: true, name: true } } } as const;

/** `name` in the language of the request, and `texts` in every language, for a type with a table of names. */
export function nameFields(t: object): { name: never; texts: never } {
  const make = (t as { field: (field: object) => never }).field.bind(t);
  return {
    name: make({
      type: 'String',
      description: 'Name in the language of the request.',
      select: texts,
      resolve: (row: { texts: NameRow[] }, _args: unknown, { actor }: { actor: { locale: string } }) =>
        textIn(row.texts, actor.locale)?.name ?? '',
    }),
    texts: make({
      type: [NameText],
      description: 'The name in every language it was written in, for editing.',
      select: texts,
      resolve: (row: { texts: NameRow[] }) => row.texts,
    }),
  };
}
