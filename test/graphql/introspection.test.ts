// Who may read the schema itself, and who is told names of it.

import { describe, expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';

const { admin, anonymous, given } = await startApp({ env: { INTROSPECTION: 'internal' } });

const schema = '{ __schema { queryType { name } } }';
const misspelt = '{ vewer { id } }';
const misfit = 'query ($s: [OrderState!]) { orders(where: { states: $s }) { totalCount } }';

describe('G32 where introspection is internal', () => {
  test('people and programs of the department read the schema, and are told what they may have meant', async () => {
    const key = await given.key({ scopes: ['products.read'] });
    for (const caller of [admin, key]) {
      expect(await caller.codes(schema)).toEqual([]);
      expect((await caller.run(misspelt)).errors[0]?.message).toContain('Did you mean "viewer"');
      expect((await caller.run(misfit, { s: ['CONFIRMD'] })).errors[0]?.message).toContain('"CONFIRMED"');
    }
  });

  test('and nobody else, on no door, whoever asked the same before', async () => {
    for (const caller of [anonymous, given.guest(), await given.customer()]) {
      expect((await caller.run(schema)).errors[0]?.message).toContain('introspection');
      expect(await caller.codes('{ __type(name: "Order") { name } }')).toEqual(['BAD_REQUEST']);
      expect(await caller.codes('{ __typename }')).toEqual([]);
      expect((await caller.run(misspelt)).errors[0]?.message).not.toContain('viewer');
      expect((await caller.run(misfit, { s: ['CONFIRMD'] })).errors[0]?.message).not.toContain('CONFIRMED');
      for (const stream of [caller.subscribe(schema), caller.subscribeSse(misspelt)]) {
        await stream.ended;
        expect(stream.errors[0]?.extensions).toMatchObject({ code: 'BAD_REQUEST' });
        expect(stream.errors[0]?.message).not.toContain('viewer');
      }
    }
  });
});
