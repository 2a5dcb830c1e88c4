// What a migration file says: its statements, whether it controls transactions, where an error points.

/** One statement of a file: its text without comments before it, and where it begins (1-based). */
export type Statement = { text: string; line: number };

// In this order: a comment or a quoted text hides everything inside it.
const TOKEN =
  /--[^\n]*|\/\*|'|"|\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|[0-9]+|[;()]/g;

/**
 * Cut a file into statements the way psql does: quotes, dollar quotes, nested comments, parentheses and
 * BEGIN ATOMIC bodies may contain semicolons. Only for checks and messages; PostgreSQL gets the file whole.
 */
export function splitStatements(sql: string): Statement[] {
  const statements: Statement[] = [];
  const token = new RegExp(TOKEN);
  let start = 0;
  let parentheses = 0;
  let body = 0;
  let previousWord = '';
  const close = (end: number) => {
    const raw = sql.slice(start, end);
    const text = raw.slice(leadingSpace(raw)).trimEnd();
    if (text !== '') {
      statements.push({ text, line: lineOf(sql, start + leadingSpace(raw)) });
    }
    start = end + 1;
    previousWord = '';
  };
  for (let match = token.exec(sql); match; match = token.exec(sql)) {
    const found = match[0];
    if (found === ';') {
      if (parentheses === 0 && body === 0) close(match.index);
    } else if (found === '(') parentheses += 1;
    else if (found === ')') parentheses = Math.max(0, parentheses - 1);
    else if (/^\w/.test(found) || found >= '\u0080') {
      const word = found.toUpperCase();
      if (word === 'ATOMIC' && previousWord === 'BEGIN') body = 1;
      else if (word === 'CASE' && body > 0) body += 1;
      else if (word === 'END' && body > 0) body -= 1;
      previousWord = word;
    } else {
      token.lastIndex = endOfQuoted(sql, match.index, found);
    }
  }
  close(sql.length);
  return statements;
}

/** Length of the white space and comments at the beginning of `text`. */
function leadingSpace(text: string): number {
  let at = 0;
  for (;;) {
    const rest = text.slice(at);
    if (rest.startsWith('/*')) at = endOfQuoted(text, at, '/*');
    else {
      const space = /^(?:\s+|--[^\n]*)/.exec(rest);
      if (!space) return at;
      at += space[0].length;
    }
  }
}

function endOfQuoted(sql: string, from: number, opening: string): number {
  if (opening.startsWith('--')) return from + opening.length;
  if (opening === '/*') return endOfComment(sql, from);
  if (opening === "'" && /(?:^|\W)E$/i.test(sql.slice(Math.max(0, from - 2), from))) {
    const text = /'(?:[^'\\]|\\[\s\S]|'')*'/y;
    text.lastIndex = from;
    return text.test(sql) ? text.lastIndex : sql.length;
  }
  const end = sql.indexOf(opening, from + opening.length);
  return end === -1 ? sql.length : end + opening.length;
}

function endOfComment(sql: string, from: number): number {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = from + 2;
  let depth = 1;
  for (let match = mark.exec(sql); match; match = mark.exec(sql)) {
    depth += match[0] === '/*' ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  return sql.length;
}

const lineOf = (sql: string, index: number): number => sql.slice(0, index).split('\n').length;

/** Where PostgreSQL's `position` (in characters, 1-based) is in the file. */
export function placeOf(sql: string, position: number): { line: number; column: number; text: string } {
  const before = [...sql].slice(0, position - 1).join('');
  const line = lineOf(before, before.length);
  return {
    line,
    column: [...before.slice(before.lastIndexOf('\n') + 1)].length + 1,
    text: (sql.split('\n')[line - 1] ?? '').trim(),
  };
}

/**
 * True for a file of one statement that PostgreSQL refuses in a transaction (CREATE INDEX CONCURRENTLY and its
 * like). Such a file is not atomic: when it fails it may leave an invalid index.
 */
export function runsOutsideTransaction(sql: string): boolean {
  const [only, ...more] = splitStatements(sql);
  return (
    only !== undefined &&
    more.length === 0 &&
    /^(?:(?:CREATE|DROP|REINDEX|REFRESH|ALTER\s+TABLE)\b[\s\S]*\bCONCURRENTLY\b|VACUUM\b)/i.test(only.text)
  );
}

/** The first statement that opens or ends a transaction: a file that has one would be half applied when it fails. */
export const findTransactionControl = (sql: string): Statement | undefined =>
  splitStatements(sql).find(({ text }) =>
    /^(?:BEGIN|START\s+TRANSACTION|COMMIT|END|ROLLBACK|ABORT|PREPARE\s+TRANSACTION|SAVEPOINT)\b/i.test(text),
  );
