// Logging in: what it gives, what it tells, how often it may fail.

import { describe, expect, test } from 'vitest';
import { ADMIN, startApp } from '../setup/app.ts';
import { PASSWORD } from '../setup/given.ts';

const app = await startApp();
const { admin, anonymous, clientFor, given, sql } = app;

const open = (email: string, password: string) => anonymous.refusal('sessionOpen', { email, password });

describe('logging in', () => {
  test('gives a token of 160 random bits that opens the account, and is kept only as a keyed hash', async () => {
    const { token } = await anonymous.act<{ token: string }>('sessionOpen', ADMIN, 'token');
    expect(token).toMatch(/^ds_session_[\w-]{27}$/);
    const { viewer } = await clientFor(token).ok<{ viewer: { email: string } }>('{ viewer { email } }');
    expect(viewer.email).toBe(ADMIN.email);
    const rows = await sql('SELECT * FROM session');
    expect(JSON.stringify(rows)).not.toContain(token);
    expect(JSON.stringify(await sql('SELECT payload, changes, facets FROM event'))).not.toContain(token);
  });

  test('says when the session ends by itself, as the session does', async () => {
    const opened = await anonymous.act<{ token: string; expiresAt: string }>(
      'sessionOpen',
      ADMIN,
      'token expiresAt',
    );
    type Sessions = { edges: { node: { isCurrent: boolean; expiresAt: string } }[] };
    const { viewer } = await clientFor(opened.token).ok<{ viewer: { sessions: Sessions } }>(
      '{ viewer { sessions(first: 100) { edges { node { isCurrent expiresAt } } } } }',
    );
    const current = viewer.sessions.edges.find(({ node }) => node.isCurrent)?.node;
    expect(current?.expiresAt).toBe(opened.expiresAt);
    const { data } = await anonymous.run(
      'mutation { sessionOpen(input: { email: "x", password: "x" }) { token expiresAt } }',
    );
    expect(data).toEqual({ sessionOpen: { token: null, expiresAt: null } });
  });

  test('knows the e-mail address in any case and with spaces around it', async () => {
    const { token } = await anonymous.act<{ token: string }>(
      'sessionOpen',
      { email: ` ${ADMIN.email.toUpperCase()} `, password: ADMIN.password },
      'token',
    );
    expect(token).toMatch(/^ds_session_/);
  });

  test('G37 tells nothing apart: unknown account, wrong password and somebody who left are one answer', async () => {
    const gone = await given.staff({ posts: ['buyer'], email: 'gone@test.example' });
    await admin.act('staffLeave', { staffId: gone.staffId });
    const answers = [
      await open('nobody@test.example', PASSWORD),
      await open(ADMIN.email, 'wrong password, quite wrong'),
      await open('gone@test.example', PASSWORD),
      await open('', ''),
    ];
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]).toEqual([
      {
        __typename: 'InputError',
        code: 'LOGIN_FAILED',
        message: 'E-mail or password is wrong.',
        path: ['input'],
      },
    ]);
  });

  test('answers in the language of the request', async () => {
    const [error] = await anonymous
      .speaking('zh-CN,zh;q=0.9,en;q=0.8')
      .refusal('sessionOpen', { email: 'x', password: 'x' });
    expect(error?.message).toBe('邮箱或密码错误。');
  });

  test('G37 keeps passwords as argon2id with 19 MiB and two passes', async () => {
    const rows = await sql<{ password_hash: string }>('SELECT password_hash FROM staff');
    expect(rows.length).toBeGreaterThan(0);
    for (const { password_hash } of rows)
      expect(password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  test('C60 is an event of the person, without token, address or name', async () => {
    const { token } = await anonymous.act<{ token: string }>('sessionOpen', ADMIN, 'token');
    await clientFor(token).ok('{ eventCursor }');
    const [event] = await sql(
      'SELECT actor_kind, payload, changes FROM event WHERE type = $1 ORDER BY seq DESC LIMIT 1',
      ['session.opened'],
    );
    expect(event).toMatchObject({ actor_kind: 'STAFF', changes: [] });
    expect(Object.keys(event?.payload as object)).toEqual(['staffNodeId']);
  });
});

test('G37 twenty sessions of a person live at a time: with one more the oldest ends', async () => {
  const email = 'many@test.example';
  const first = await given.staff({ posts: ['buyer'], email });
  const second = await app.login(email, PASSWORD);
  for (let n = 2; n < 21; n++) await anonymous.act('sessionOpen', { email, password: PASSWORD }, 'token');
  expect((await first.run('{ __typename }')).status).toBe(401);
  const { viewer } = await second.ok<{
    viewer: { sessions: { edges: { node: { revokedAt: string | null } }[] } };
  }>('{ viewer { sessions(first: 100) { edges { node { revokedAt } } } } }');
  expect(viewer.sessions.edges.filter(({ node }) => node.revokedAt === null)).toHaveLength(20);
}, 60_000);

describe('G37 attempts', () => {
  test('on one account are throttled after ten, whatever the password, and another account is not', async () => {
    await given.staff({ posts: ['buyer'], email: 'tried@test.example' });
    const codes: string[] = [];
    for (let i = 0; i < 11; i++)
      codes.push((await open('tried@test.example', `wrong password ${i}`))[0]?.code ?? '');
    expect(codes).toEqual([...Array.from({ length: 10 }, () => 'LOGIN_FAILED'), 'LOGIN_THROTTLED']);
    const tried = { email: ' Tried@test.example', password: PASSWORD };
    const wait = '... on LoginThrottled { retryAfterSeconds }';
    const [throttled] = await anonymous.refusal('sessionOpen', tried, wait);
    const { retryAfterSeconds: seconds } = throttled as unknown as { retryAfterSeconds: number };
    expect(throttled).toMatchObject({
      code: 'LOGIN_THROTTLED',
      message: expect.stringContaining(`Try again in ${seconds} seconds`),
    });
    expect(seconds).toBeGreaterThan(840);
    expect(seconds).toBeLessThanOrEqual(900);
    await anonymous.act('sessionOpen', ADMIN, 'token');
  });

  test('that succeed are forgotten, so that ten logins and ten failures are no hindrance', async () => {
    await given.staff({ posts: ['buyer'], email: 'busy@test.example' });
    for (let i = 0; i < 2; i++) {
      for (let n = 0; n < 9; n++) await open('busy@test.example', 'wrong password once more');
      await anonymous.act('sessionOpen', { email: 'busy@test.example', password: PASSWORD }, 'token');
    }
  });

  test('on accounts that do not exist are throttled alike, so that this tells nothing either', async () => {
    const codes: string[] = [];
    for (let i = 0; i < 11; i++)
      codes.push((await open('ghost@test.example', 'a wrong password'))[0]?.code ?? '');
    expect(codes.at(-1)).toBe('LOGIN_THROTTLED');
  });
});
