// `npm run watch`: the board and every event of orders, parcels and stock, live in a terminal.

import { parseArgs } from 'node:util';
import { demoFolder, readLogin, type WatchLogin } from './login.ts';
import { logIn } from './people.ts';
import { nameQuery } from './watch/feeds.ts';
import { type Follower, follow } from './watch/follow.ts';
import {
  boardLines,
  isNews,
  isReport,
  type Language,
  type Line,
  orderLine,
  shipmentLine,
  stockLine,
  timeOf,
} from './watch/lines.ts';
import { makeScreen } from './watch/screen.ts';

const USAGE = `npm run watch -- [--url ws://host:port/graphql] [--token T | --email E --password P]
                 [--language en|zh]

Without a login: that of the demo that was started last (npm run demo).
A lost connection is tried again for ever and goes on after the last event seen.
Ctrl-C ends. NO_COLOR=1 leaves colours out.`;

const DEFAULT_URL = 'ws://127.0.0.1:4000/graphql';

interface Wish extends WatchLogin {
  language: Language;
}

async function readWish(): Promise<Wish | null> {
  const { values } = parseArgs({
    options: {
      url: { type: 'string' },
      token: { type: 'string' },
      email: { type: 'string' },
      password: { type: 'string' },
      language: { type: 'string', default: /^zh/.test(process.env.LANG ?? '') ? 'zh' : 'en' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return null;
  const language = values.language === 'zh' ? 'zh' : 'en';
  const url = addressOf(values.url ?? DEFAULT_URL);
  if (values.token) return { url, token: values.token, language };
  if (values.email && values.password) {
    return { url, token: await logIn(url.replace(/^ws/, 'http'), values.email, values.password), language };
  }
  const kept = await readLogin(demoFolder());
  if (!kept)
    throw new Error(`There is no login of a demo: start one with npm run demo, or give a login.\n\n${USAGE}`);
  return { token: kept.token, url: addressOf(values.url ?? kept.url), language };
}

/** The address for WebSocket, however it is written: `http://host` is `ws://host/graphql`. */
function addressOf(given: string): string {
  const url = new URL(given.includes('://') ? given : `ws://${given}`);
  url.protocol = url.protocol.replace(/^http/, 'ws');
  if (url.pathname === '/') url.pathname = '/graphql';
  return url.href;
}

async function run(): Promise<void> {
  const wish = await readWish();
  if (!wish) return void process.stdout.write(`${USAGE}\n`);
  const { url, token, language } = wish;
  const screen = makeScreen(process.stdout);
  const now = () => timeOf(new Date());
  const say = (text: string, look: Line['look']) => show(() => ({ text: `${now()}  ${text}`, look }));
  // Lines wait for the names they need, and stay in their order.
  let showing = Promise.resolve();
  const show = (line: () => Line | Promise<Line>) => {
    showing = showing.then(async () => screen.line(await line())).catch(() => {});
  };
  const follower: Follower = follow(
    { url, token, language },
    {
      order: (item) => show(() => orderLine(item, language, screen.width)),
      shipment: (item) => {
        if (isReport(item)) show(() => shipmentLine(item, language, screen.width));
      },
      stock: (item) => {
        if (isNews(item))
          show(async () => stockLine(item, await nameOf(item.stock?.variant.sku), language, screen.width));
      },
      board: ({ at, stores }) =>
        screen.head([`${url}   ${timeOf(at)}`, ...boardLines(stores.slice(0, 6), language)]),
      lost: (was, why) =>
        say(
          was === 'NEVER'
            ? `no connection to ${url} yet (${why}); trying`
            : `connection lost (${why}); resuming after the last event seen`,
          'warning',
        ),
      back: (events, awayMs) =>
        say(
          `back after ${Math.max(1, Math.round(awayMs / 1_000))} s; ${events} event${events === 1 ? '' : 's'} caught up`,
          'good',
        ),
      resynced: () => say('too long away, or another database: read anew, going on from now', 'warning'),
    },
  );
  const names = new Map<string, Promise<string>>();
  const nameOf = (sku = ''): Promise<string> => {
    const name = names.get(sku) ?? askName(follower, sku);
    names.set(sku, name);
    return name;
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void follower.close());
  try {
    await follower.ended;
  } finally {
    await follower.close();
    screen.close();
  }
}

async function askName(follower: Follower, sku: string): Promise<string> {
  type Answer = { variantBySku: { product: { name: string } } | null };
  const { variantBySku } = await follower.ask<Answer>(nameQuery, { sku });
  return variantBySku?.product.name ?? '';
}

run().catch((error: unknown) => {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
