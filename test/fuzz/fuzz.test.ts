// Made-up operations, a small part of what `npm run prove` sends.

import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import { fuzz } from './fuzz.ts';

const COUNT = Number(process.env.FUZZ_COUNT ?? 800);
const SEED = Number(process.env.FUZZ_SEED ?? 20_261_123);

const app = await startApp({ env: { SAMPLE: 'on' } });

test(`G39 ${COUNT.toLocaleString('en')} operations, valid, broken and hostile, give no 500 and no unmasked error`, async () => {
  const started = Date.now();
  const findings = await fuzz(app, {
    count: COUNT,
    seed: SEED,
    progress(done) {
      if (done % 5_000 !== 0) return;
      const left = Math.round((((Date.now() - started) / done) * (COUNT - done)) / 60_000);
      console.info(
        `${done.toLocaleString('en').padStart(9)} of ${COUNT.toLocaleString('en')}  ${left} min left`,
      );
    },
  });
  expect(findings.slice(0, 5)).toEqual([]);
}, 3_600_000);
