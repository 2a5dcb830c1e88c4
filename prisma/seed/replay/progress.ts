// How far a long piece of work is: one line that is written over on a terminal, a line now and then elsewhere.

export interface Progress {
  /** So much more is done; `note` says something about it. */
  advance(count: number, note?: string): void;
  /** Leave the last state standing. */
  end(): void;
}

/**
 * Begins to show the progress of `total` pieces. `leftMs` knows better than the past how long the rest takes; null while
 * nothing is known.
 */
export type ShowProgress = (
  label: string,
  total: number,
  leftMs?: (done: number) => number | null,
) => Progress;

const TERMINAL_MS = 100;
const LOG_MS = 10_000;

export const showProgress: ShowProgress = (label, total, leftMs) => {
  const { stdout } = process;
  const startedAt = Date.now();
  let done = 0;
  let shownAt = 0;
  let note = '';
  let shown = '';
  const byPace = () => (done === 0 ? null : ((Date.now() - startedAt) / done) * (total - done));
  const timeLeft = () => {
    const left = leftMs ? leftMs(done) : byPace();
    return left === null ? '' : `${clock(left)} left`;
  };
  const line = () => {
    const counts = `${done.toLocaleString('en')}/${total.toLocaleString('en')}`;
    const time = done < total ? timeLeft() : `${clock(Date.now() - startedAt)} taken`;
    return `${label.padEnd(8)} ${counts.padStart(13)}  ${time.padStart(11)}  ${note}`
      .slice(0, (stdout.columns || 80) - 1)
      .trimEnd();
  };
  const show = (last: boolean) => {
    const now = Date.now();
    if (!last && now - shownAt < (stdout.isTTY ? TERMINAL_MS : LOG_MS)) return;
    shownAt = now;
    if (stdout.isTTY) stdout.write(`\r\x1b[2K${line()}${last ? '\n' : ''}`);
    else if (line() !== shown) stdout.write(`${line()}\n`);
    shown = line();
  };
  return {
    advance(count, said) {
      done += count;
      note = said ?? note;
      show(false);
    },
    end: () => show(true),
  };
};

/** Minutes and seconds: `3:07`. */
function clock(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1_000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
