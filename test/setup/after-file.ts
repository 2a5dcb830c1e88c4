// After each file of tests: what it started and did not stop itself. Files of one process share modules, so a hook in
// one of those would run after the first file alone.

import { afterAll } from 'vitest';
import { endInstances } from './instances.ts';
import { endRecipes } from './recipe.ts';

afterAll(async () => {
  endInstances();
  await endRecipes();
});
