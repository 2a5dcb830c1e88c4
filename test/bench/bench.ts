// `npm run bench`: Dayshift beside the same work written by hand, on the same data, in turns. Prints ratios.

import { parseArgs } from 'node:util';
import { isWanted, paceOf, paceOptions, say, type Wish } from './bench-options.ts';
import { compareExecutors } from './executors.ts';
import { compareOthers } from './others.ts';
import { openPlace } from './place.ts';
import { killAll } from './processes.ts';
import { compareRequests } from './requests.ts';
import { keep } from './results.ts';
import { compareSockets } from './sockets.ts';

const USAGE = `npm run bench -- [--only NAME,…] [--rounds N] [--seconds S] [--connections N] [--sockets N,…]
  [--others] [--profile] [--no-fsync]

  --only         parts or single workloads: requests, "order page", orderPlace, sockets, executors, …
  --rounds       slices of load on each side. Default: 5
  --seconds      length of a slice. Default: 2
  --connections  requests at once. Default: 8
  --sockets      how many are told of events. Default: 1,1000,10000
  --others       PostGraphile and Vendure as well, which are installed for it
  --profile      says where Dayshift spends its time as well
  --no-fsync     PostgreSQL does not wait for the disk`;

function readWish(): Wish | null {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: '' },
      ...paceOptions,
      sockets: { type: 'string', default: '1,1000,10000' },
      others: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      'no-fsync': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return null;
  return {
    only: values.only.split(',').filter((name) => name !== ''),
    ...paceOf(values),
    sockets: values.sockets.split(',').map(Number),
    others: values.others,
    profile: values.profile,
    fsync: !values['no-fsync'],
  };
}

const wish = readWish();
if (!wish) say(USAGE);
else {
  const place = await openPlace(say, wish.fsync);
  try {
    const requests = await compareRequests(wish, place, say);
    const sockets = isWanted(wish, 'sockets') ? await compareSockets(wish, place, say) : [];
    const executors = isWanted(wish, 'executors') ? await compareExecutors(wish, place, say) : [];
    const others = wish.others ? await compareOthers(wish, place, say) : {};
    await keep({ wish, requests, sockets, executors, ...others });
  } finally {
    killAll();
    await place.stop();
  }
}
