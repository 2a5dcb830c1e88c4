// How the slow proofs run: the same as the tests, at the size at which they prove something.

import base from './vitest.config.ts';

export default {
  ...base,
  test: {
    ...base.test,
    include: ['test/fuzz/*.test.ts', 'test/**/*.proof.ts'],
    env: { FUZZ_COUNT: process.env.FUZZ_COUNT ?? '100000' },
  },
};
