// How the tests in a real browser run. They need Chromium, so they are not part of `npm test`.

import base from './vitest.config.ts';

export default {
  ...base,
  test: { ...base.test, include: ['test/browser/**/*.browser.ts'], testTimeout: 60_000 },
};
