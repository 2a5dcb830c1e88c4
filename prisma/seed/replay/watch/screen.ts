// The terminal: a head that stays with the board, and below it lines that scroll. Elsewhere than on a terminal, lines only.

import { styleText } from 'node:util';
import type { Line, Look } from './lines.ts';

export interface Screen {
  readonly width: number;
  /** Show the lines of the head; the first is the title. */
  head(lines: readonly string[]): void;
  line(line: Line): void;
  /** Give the terminal back as it was. */
  close(): void;
}

interface Output {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
  rows?: number;
  on(event: 'resize', listener: () => void): unknown;
}

const HEAD_EVERY_MS = 10_000;
const WIDTH = 80;

const styles: Readonly<Record<Look, Parameters<typeof styleText>[0] | null>> = {
  plain: null,
  good: 'green',
  bad: ['bold', 'red'],
  warning: ['bold', 'yellow'],
  faint: 'dim',
};

/** Colours where `output` is a terminal, and never with NO_COLOR. */
function paint(output: Output, { text, look }: Line): string {
  const style = styles[look];
  return style ? styleText(style, text, { stream: output as never }) : text;
}

export const makeScreen = (output: Output): Screen =>
  output.isTTY && (output.rows ?? 0) > 8 ? terminalScreen(output) : plainScreen(output);

function plainScreen(output: Output): Screen {
  let shown = '';
  let shownAt = 0;
  return {
    width: output.isTTY ? (output.columns ?? WIDTH) : WIDTH,
    head(lines) {
      const [, ...stores] = lines;
      const text = stores.join('\n');
      if (text === shown || Date.now() - shownAt < HEAD_EVERY_MS) return;
      shown = text;
      shownAt = Date.now();
      for (const line of stores) output.write(`— ${line}\n`);
    },
    line: (line) => void output.write(`${paint(output, line)}\n`),
    close() {},
  };
}

const CLEAR_LINE = '\x1b[2K';

/** The rows below the head are the terminal's scroll region, so that lines scroll under it. */
function terminalScreen(output: Output): Screen {
  let head: readonly string[] = [];
  let size = 0;
  const at = (rowNumber: number) => `\x1b[${rowNumber};1H`;
  const rows = () => output.rows ?? 24;
  const drawHead = () => {
    const drawn = head.map((text, i) => `${at(i + 1)}${CLEAR_LINE}${paintHead(output, text, i === 0)}`);
    const rule = `${at(head.length + 1)}${CLEAR_LINE}${paint(output, { text: '─'.repeat(screen.width), look: 'faint' })}`;
    output.write(`\x1b7${drawn.join('')}${rule}\x1b8`);
  };
  const layOut = () => {
    size = head.length;
    output.write(`\x1b[2J\x1b[${size + 2};${rows()}r${at(rows())}`);
    drawHead();
  };
  const screen = {
    get width() {
      return output.columns ?? WIDTH;
    },
    head(lines: readonly string[]) {
      head = lines;
      if (lines.length === size) drawHead();
      else layOut();
    },
    line: (line: Line) => void output.write(`\n${paint(output, line)}`),
    close: () => void output.write(`\x1b[r${at(rows())}\n`),
  };
  output.on('resize', layOut);
  return screen;
}

const paintHead = (output: Output, text: string, isTitle: boolean): string =>
  styleText(isTitle ? 'dim' : 'bold', text, { stream: output as never });
