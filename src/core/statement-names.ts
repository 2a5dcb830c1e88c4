// Names for statements that are sent again and again, so that the database parses and plans them once per connection.

import { LRUCache } from 'lru-cache';

/** A connection keeps what it prepared until it ends: so many statements at most, on each. */
export const PREPARED_MAX = 100;
const SEEN_BEFORE_NAMED = 5;
const CANDIDATES_MAX = 1_000;
const LENGTH_MAX = 20_000;
/** The text of these changes with the number of values, so it hardly ever comes twice. */
const OF_ANY_LENGTH = /\bIN \(\$\d+,|\bVALUES \(.*\), ?\(\$\d/;

/** A function that names a statement once it has come often enough, as long as there are names left. */
export function statementNames(): (sql: string) => string | undefined {
  const names = new Map<string, string>();
  const candidates = new LRUCache<string, number>({ max: CANDIDATES_MAX });
  return (sql) => {
    const name = names.get(sql);
    if (name !== undefined || names.size >= PREPARED_MAX) return name;
    if (sql.length > LENGTH_MAX || OF_ANY_LENGTH.test(sql)) return undefined;
    const times = (candidates.get(sql) ?? 0) + 1;
    candidates.set(sql, times);
    if (times <= SEEN_BEFORE_NAMED) return undefined;
    candidates.delete(sql);
    names.set(sql, `dayshift_${names.size + 1}`);
    return names.get(sql);
  };
}
