// `npm run demo` and `npm run watch` as a person starts them, against a server that runs already.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';

const app = await startApp();
const scripts = resolve(import.meta.dirname, '../../prisma/seed/replay');
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dayshift-demo-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A script that runs: what it printed, and its end. */
function start(script: string, args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [join(scripts, script), ...args], {
    env: { ...process.env, DATA_DIR: folder, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const run = { printed: '', child, ended: once(child, 'exit') };
  const hear = (chunk: Buffer) => {
    run.printed += chunk.toString();
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  return run;
}

const demo = (...args: string[]) =>
  start('demo.ts', ['--url', app.url, '--speed', '0', ...args], { TOKEN: app.admin.token ?? '' });

test('a demo ends with a report whose sums agree, and a second one only reports', async () => {
  const first = demo('--limit', '2');
  expect(await first.ended, first.printed).toEqual([0, null]);
  expect(first.printed.match(/✓/g)).toHaveLength(6);
  expect(first.printed).toMatch(/\(873 more invoices were left out by --limit\)/);
  expect(first.printed).toContain(`npm run watch -- --url ${app.wsUrl} --token ds_session_`);
  const orders = () => app.sql('SELECT external_reference, state FROM "order" ORDER BY number');
  const before = await orders();
  const second = demo('--limit', '2');
  expect(await second.ended, second.printed).toEqual([0, null]);
  const reportOf = (printed: string) => printed.slice(printed.indexOf('Lines of the recording'));
  expect(reportOf(second.printed)).toBe(reportOf(first.printed));
  expect(await orders()).toEqual(before);
}, 120_000);

test('a demo leaves a login that only its owner reads, with which the watcher starts', async () => {
  expect((await stat(join(folder, 'demo', 'watch.json'))).mode & 0o777).toBe(0o600);
  const watcher = start('watch.ts', []);
  await expect.poll(() => watcher.printed, { timeout: 15_000 }).toMatch(/Gift shop +\d/);
  watcher.child.kill('SIGTERM');
  expect(await watcher.ended, watcher.printed).toEqual([0, null]);
}, 60_000);

test('Ctrl-C stops a demo between two steps', async () => {
  const run = demo('--limit', '6', '--speed', '1');
  await expect.poll(() => run.printed, { timeout: 60_000 }).toMatch(/^Orders/m);
  run.child.kill('SIGINT');
  expect(await run.ended, run.printed).toEqual([0, null]);
  expect(run.printed).toMatch(/not reached/);
  expect(run.printed).toMatch(/Stopped\. The next start goes on where it was\.\n$/);
  expect(run.printed).not.toContain('✗');
}, 120_000);

test('wrong options and a missing token are answered with what to do', async () => {
  for (const [args, answer] of [
    [['--speed', 'fast'], /--speed fast: a number of at least 0 is wanted/],
    [['--url', app.url], /--url goes with TOKEN/],
    [['--sped', '1'], /Unknown option '--sped'/],
  ] as const) {
    const run = start('demo.ts', args);
    expect(await run.ended).toEqual([1, null]);
    expect(run.printed).toMatch(answer);
    expect(run.printed).not.toContain('    at ');
  }
  const help = start('demo.ts', ['--help']);
  expect(await help.ended).toEqual([0, null]);
  expect(help.printed).toMatch(/^npm run demo/);
}, 60_000);
