// GraphiQL in a real browser.

import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { startApp } from '../setup/app.ts';

const app = await startApp();
let browser: Browser | undefined;
afterAll(() => browser?.close());

async function openPage(): Promise<{ page: Page; foreign: string[] }> {
  browser ??= await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const foreign: string[] = [];
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(app.origin) && !url.startsWith('data:') && !url.startsWith('blob:'))
      foreign.push(url);
  });
  return { page, foreign };
}

/** Replace the text of one of GraphiQL's editors, as a person would who pastes. */
async function paste(page: Page, editor: string, text: string): Promise<void> {
  await page.locator(editor).first().click();
  await page.keyboard.press('Control+A');
  await page.keyboard.press('Delete');
  await page.keyboard.insertText(text);
}

const answer = (page: Page) => page.locator('.result-window').first().innerText();

test('GraphiQL is served whole by Dayshift, takes a token, runs a query and shows a live feed', async () => {
  const { page, foreign } = await openPage();
  await page.goto(app.url);
  await page.waitForSelector('.graphiql-container');
  await page.getByRole('button', { name: 'Headers' }).click();
  await paste(
    page,
    '[data-mode-id="json"]:not(.hidden)',
    JSON.stringify({ Authorization: `Bearer ${app.admin.token}` }),
  );
  await paste(page, '[data-mode-id="graphql"]', '{ viewer { name } }');
  await page.locator('.graphiql-execute-button').click();
  await expect.poll(() => answer(page), { timeout: 15_000 }).toContain('Administrator');

  await paste(page, '[data-mode-id="graphql"]', 'subscription { stockEvents { type } }');
  await page.locator('.graphiql-execute-button').click();
  await expect.poll(() => answer(page), { timeout: 15_000 }).toContain('heartbeat');
  if (process.env.SCREENSHOT) await page.screenshot({ path: process.env.SCREENSHOT });
  expect(foreign).toEqual([]);
});
