// How wide text is on a terminal: Chinese characters take two columns.

const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff01-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const NOTHING = /\p{Mark}|\u200d/u;

const widthOfCharacter = (character: string): number =>
  NOTHING.test(character) ? 0 : WIDE.test(character) ? 2 : 1;

/** Columns that a text without colours takes. */
export const widthOf = (text: string): number =>
  [...text].reduce((width, character) => width + widthOfCharacter(character), 0);

/** A text in exactly so many columns: filled with blanks, or cut with an ellipsis. */
export function inColumns(text: string, columns: number, side: 'left' | 'right' = 'left'): string {
  const width = widthOf(text);
  if (width > columns) return cut(text, columns);
  const blanks = ' '.repeat(columns - width);
  return side === 'left' ? text + blanks : blanks + text;
}

function cut(text: string, columns: number): string {
  let kept = '';
  let width = 0;
  for (const character of text) {
    const next = widthOfCharacter(character);
    if (width + next > columns - 1) break;
    kept += character;
    width += next;
  }
  return `${kept}…${' '.repeat(Math.max(0, columns - 1 - width))}`;
}
