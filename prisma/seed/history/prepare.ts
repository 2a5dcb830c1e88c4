// Makes a database ready, in a process of its own: a whole Dayshift that starts, migrates, seeds and stops.

import { readEnv } from '../../../src/core/env.ts';
import { giveUp } from '../../../src/core/process.ts';
import { startDayshift } from '../../../src/main.ts';

const say = (line: string) => process.stdout.write(`${line}\n`);
startDayshift(readEnv(), say)
  .then((dayshift) => dayshift.stop())
  .then(() => process.exit(), giveUp);
