// Texts that people wrote, in the language of the request.

/** The text in a language; where there is none, the other one. */
export const textIn = <Row extends { locale: string }>(
  rows: readonly Row[],
  locale: string,
): Row | undefined => rows.find((row) => row.locale === locale) ?? rows[0];
