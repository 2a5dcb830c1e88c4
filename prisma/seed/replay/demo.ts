// `npm run demo`: a department with the orders of a real shop, replayed through the public API.

import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { giveUp } from '../../../src/core/process.ts';
import { StartupError } from '../../../src/core/startup-error.ts';
import { stopOnSignals } from '../stopping.ts';
import { apiAt } from './api.ts';
import { readBooks } from './books.ts';
import { buildDepartment } from './department.ts';
import { goodsOf, goodsSoldIn } from './goods.ts';
import { ApiError } from './http.ts';
import { writeLogin } from './login.ts';
import { makeMoney } from './money.ts';
import { makePace, type Pace } from './pace.ts';
import { type Crew, crewOf } from './people.ts';
import { homeOfDemo, type Place, placeAt, startPlace } from './place.ts';
import { gapsOf, ordersOf, type Step, stepsOf } from './plan.ts';
import { playSteps } from './play.ts';
import { showProgress } from './progress.ts';
import { type Invoice, readRecording } from './recording.ts';
import { countRest, reportOf } from './report.ts';
import { noActs, placedIn, type Stage } from './stage.ts';
import { makeTally } from './tally.ts';
import { readTotals } from './totals.ts';

const USAGE = `npm run demo -- [--speed N] [--limit N] [--url http://host:port/graphql]

  --speed N   recorded time passes N times as fast; nights are skipped; 0 does not
              wait at all. Default 1200: about seven minutes.
  --limit N   only the first N invoices.
  --url URL   replay into a server that runs already, as the person whose session
              token is in TOKEN; needs the rights of an administrator.

Ctrl-C stops; the next start goes on where it was. The data are in .data/demo.
PORT chooses another port than 4010.`;

interface Options {
  speed: number;
  limit: number;
  url: string | undefined;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function readOptions(): Options | null {
  const values = parsed();
  if (values.help) return null;
  return {
    speed: numberOf('--speed', values.speed, 0),
    limit: values.limit === undefined ? Number.POSITIVE_INFINITY : numberOf('--limit', values.limit, 1),
    url: values.url,
  };
}

function parsed() {
  try {
    return parseArgs({
      options: {
        speed: { type: 'string', default: '1200' },
        limit: { type: 'string' },
        url: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new StartupError((error as Error).message, USAGE);
  }
}

function numberOf(name: string, value: string, min: number): number {
  const number = Number(value);
  if (Number.isFinite(number) && number >= min) return number;
  throw new StartupError(`${name} ${value}: a number of at least ${min} is wanted.`, USAGE);
}

const invite = (url: string, token: string): void =>
  say(`
Watch it in another terminal:

  npm run watch

or from elsewhere:

  npm run watch -- --url ${url.replace(/^http/, 'ws')} --token ${token}

or open ${url} in a browser, with the header
{ "Authorization": "Bearer ${token}" } and

  subscription { boardUpdates { at stores { store { name } toConfirm onHold
    ordersToday salesToday { amount currency } lowStock soldOut } } }
`);

interface Replay {
  place: Place;
  crew: Crew;
  recording: readonly Invoice[];
  /** Only so many invoices of it. */
  limit: number;
  speed: number;
  signal: AbortSignal;
}

async function replay({ place, crew, recording, limit, speed, signal }: Replay): Promise<void> {
  const invoices = recording.slice(0, limit);
  const leftOut = recording.length - invoices.length;
  const goods = goodsSoldIn(invoices, goodsOf(recording));
  const department = await buildDepartment(crew, goods, showProgress);
  const { stores } = department;
  const stage: Stage = {
    crew,
    department,
    goods,
    steps: stepsOf(invoices, goods),
    books: await readBooks(crew.admin, Object.values(stores)),
    tally: makeTally(goods),
    money: makeMoney(goods),
    acts: noActs(),
  };
  const pace = makePace(speed, signal);
  const progress = showProgress(
    'Orders',
    stage.steps.length,
    speed === 0 ? undefined : timeLeft(stage.steps, pace),
  );
  try {
    await playSteps(stage, pace, (step) =>
      progress.advance(
        1,
        `${recordedTime(step.at)}  ${placedIn(stage.acts)} placed, ${stage.acts.dispatched} sent`,
      ),
    );
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  progress.end();
  countRest(stage.tally, invoices);
  const own = invoices.flatMap(ordersOf).flatMap(({ reference }) => stage.books.get(reference) ?? []);
  // The report comes also after Ctrl-C, which ends the work of the crew.
  const api = await readTotals(apiAt(place.url, place.token), department, own);
  say(`\n${reportOf({ ...stage, invoices, leftOut, api }).join('\n')}\n`);
}

/** The time that the steps after the first so many take. */
function timeLeft(steps: readonly Step[], pace: Pace): (done: number) => number {
  const after = gapsOf(steps);
  for (let i = after.length - 2; i >= 0; i--) after[i] = (after[i] ?? 0) + (after[i + 1] ?? 0);
  return (done) => pace.take(after[done] ?? 0);
}

const weekday = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
});
const recordedTime = (at: number): string => weekday.format(at);

async function run(): Promise<void> {
  const options = readOptions();
  if (!options) return say(USAGE);
  const recording = readRecording();
  const stopping = stopOnSignals(say);
  const home = await homeOfDemo();
  const place = options.url ? placeAt(options.url) : await startPlace(home, say);
  try {
    const crew = await crewOf(place.url, place.token, home.password, stopping);
    await writeLogin(home.folder, { url: place.url, token: crew.watchToken });
    invite(place.url, crew.watchToken);
    await replay({ ...options, place, crew, recording, signal: stopping });
    if (!options.url && process.stdout.isTTY && !stopping.aborted) {
      say('The department stays open. Ctrl-C closes it.');
      await once(stopping, 'abort');
    }
  } catch (error) {
    if (!stopping.aborted) throw error;
  } finally {
    await place.stop();
    if (stopping.aborted) say('Stopped. The next start goes on where it was.');
  }
}

run().catch((error: unknown) => {
  if (!(error instanceof ApiError)) giveUp(error, 'The demo failed');
  process.stderr.write(`\n${error.message}\n`);
  process.exit(1);
});
