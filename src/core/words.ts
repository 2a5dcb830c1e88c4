// Words for text search: cut here and not in the database, so that Chinese needs no dictionary there.

const segmenter = new Intl.Segmenter('zh', { granularity: 'word' });
/** Longer words are cut: an index entry has a limit, and nobody tells words apart by what follows. */
const WORD_MAX = 64;
const HAN = /\p{Script=Han}/u;

/** Words of the texts of an object, to be stored and searched by containment. Chinese as words and as pairs. */
export function indexWords(texts: readonly string[], maxWords = 2_000): string[] {
  const words = new Set<string>();
  for (const text of texts) {
    for (const word of cut(text)) {
      words.add(word);
      if (HAN.test(word)) for (const character of word) words.add(character);
    }
    for (const run of hanRuns(text)) for (const pair of pairsOf(run)) words.add(pair);
  }
  return [...words].slice(0, maxWords);
}

/** Words that an object must all have to be found: Chinese as pairs, so that it does not matter how words are cut. */
export function queryWords(query: string): string[] {
  const words = new Set<string>();
  for (const word of cut(query)) if (!HAN.test(word)) words.add(word);
  for (const run of hanRuns(query)) for (const pair of pairsOf(run)) words.add(pair);
  return [...words].slice(0, 20);
}

const normalise = (text: string): string => text.normalize('NFKC').toLowerCase();

function* cut(text: string): Generator<string> {
  for (const { segment, isWordLike } of segmenter.segment(normalise(text))) {
    if (isWordLike) yield segment.slice(0, WORD_MAX);
  }
}

const hanRuns = (text: string): string[] => normalise(text).match(/\p{Script=Han}+/gu) ?? [];

function pairsOf(run: string): string[] {
  const characters = [...run];
  return characters.length === 1
    ? characters
    : characters.slice(1).map((character, i) => (characters[i] ?? '') + character);
}
