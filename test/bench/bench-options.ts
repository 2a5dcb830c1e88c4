// How long and how hard the benchmarks measure, as the command line says.

export interface Pace {
  /** Slices of load on each side. */
  rounds: number;
  sliceMs: number;
  /** Requests at once. */
  connections: number;
}

export const paceOptions = {
  rounds: { type: 'string', default: '5' },
  seconds: { type: 'string', default: '2' },
  connections: { type: 'string', default: '8' },
} as const;

export const paceOf = (values: Record<keyof typeof paceOptions, string>): Pace => ({
  rounds: Number(values.rounds),
  sliceMs: Number(values.seconds) * 1_000,
  connections: Number(values.connections),
});

export interface Wish extends Pace {
  only: string[];
  /** Sizes of the crowds that are told of events. */
  sockets: number[];
  /** Beside PostGraphile and Vendure as well. */
  others: boolean;
  profile: boolean;
  fsync: boolean;
}

/** True when a name was asked for, or nothing by name. */
export const isWanted = (wish: Wish, ...names: string[]): boolean =>
  wish.only.length === 0 || wish.only.some((wanted) => names.some((name) => name.startsWith(wanted)));

export type Say = (line: string) => void;

export const say: Say = (line) => void process.stdout.write(`${line}\n`);
