// The door of partners' machines: whatever they report, they are refused in the same way and in the same words.

import { expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';
import type { Machine } from '../setup/partners.ts';

const app = await startApp();
const gateway = await app.given.connection({ kind: 'PAYMENT' });
const carrier = await app.given.connection({ kind: 'TRACKING' });

/** What one machine is answered to everything that is no good message, in the same order. */
async function refusals(machine: Machine, other: Machine) {
  const by = async (init: RequestInit, path = machine.path) => {
    const response = await fetch(`${app.origin}${path}`, init);
    return { status: response.status, json: (await response.json()) as unknown };
  };
  const folder = machine.path.replace(/[^/]+$/, '');
  return {
    forged: await machine.send({}, { secret: other.secret }),
    old: await machine.send({}, { signedAt: new Date(Date.now() - 400_000) }),
    malformed: await machine.send('no json'),
    noObject: await machine.send('[]'),
    unknown: await by({ method: 'POST', body: '{}' }, `${folder}nobody`),
    ofAnotherKind: await by({ method: 'POST', body: '{}' }, `${folder}${other.code}`),
    method: await by({ method: 'PUT', body: '{}' }),
  };
}

test('C29 machines of every kind are refused alike, with a message and problems', async () => {
  const [payments, tracking] = [await refusals(gateway, carrier), await refusals(carrier, gateway)];
  expect(payments).toEqual(tracking);
  const message = expect.any(String);
  const notAnObject = { code: 'INVALID', path: [], message: 'The value is not valid: it must be an object.' };
  expect(payments).toEqual({
    forged: { status: 401, json: { message, problems: [] } },
    old: { status: 401, json: { message, problems: [] } },
    malformed: { status: 400, json: { message: 'The message is no JSON.', problems: [] } },
    noObject: { status: 400, json: { message: notAnObject.message, problems: [notAnObject] } },
    unknown: { status: 401, json: { message, problems: [] } },
    ofAnotherKind: { status: 401, json: { message, problems: [] } },
    method: { status: 405, json: { message, problems: [] } },
  });
  for (const { path } of [gateway, carrier]) {
    const body = 'x'.repeat(600 * 1024);
    const response = await fetch(`${app.origin}${path}`, { method: 'POST', body });
    expect([response.status, await response.json()]).toEqual([413, { message, problems: [] }]);
  }
});

test('what is wrong with a message is said in our words, each with its place', async () => {
  const kinds = 'payment.captured, payment.failed, refund.succeeded, refund.failed';
  const strange = await gateway.send({ type: 'payment.stolen' });
  const why = `The value is not valid: it must be one of ${kinds}.`;
  expect(strange).toEqual({
    status: 400,
    json: { message: why, problems: [{ code: 'INVALID', path: ['type'], message: why }] },
  });
  const { json } = await carrier.send({
    carrier: 'sf',
    events: [{ status: 'TELEPORTED', occurredAt: 'yesterday' }],
  });
  const told = (json as { problems: { path: unknown[]; message: string }[] }).problems;
  expect(told.map(({ path, message }) => `${path.join('.')}: ${message}`).sort()).toEqual([
    'events.0.occurredAt: The value is not valid: it must be a moment in ISO 8601 with a time zone.',
    expect.stringMatching(/^events\.0\.status: The value is not valid: it must be one of [A-Z_, ]+\.$/),
    'trackingNumber: A value is required.',
  ]);
});
