/**
 * The pages in a real browser. Chromium comes from the system (Debian's `chromium`), Playwright only drives it; nothing is downloaded. Each visit watches what
 * no page may do: fail in the console, break its content security policy, or ask anybody but our own server for anything.
 */
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const PATHS = [
  process.env.CHROMIUM_PATH ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

const executablePath = PATHS.find((path) => path !== '' && existsSync(path));

/** A reason to skip, or false. */
export const noBrowser: string | false = executablePath === undefined ? 'needs chromium' : false;

export async function openBrowser(): Promise<Browser> {
  if (executablePath === undefined) throw new Error('needs chromium');
  return chromium.launch({ executablePath, args: FLAGS });
}

export type Visit = { context: BrowserContext; page: Page; complaints: string[] };

/** @param url where the program is reached; anything else that is asked for is a complaint */
export async function visit(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ baseURL: url, locale: 'en-GB', timezoneId: 'Europe/Berlin', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`page error: ${error.message}`));
  page.on('console', (message) => {
    // A refused request is told of by the browser itself; what the page makes of it is tested where it is meant.
    if (message.type() === 'error' && !/^Failed to load resource/.test(message.text()))
      complaints.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const asked = request.url();
    if (!asked.startsWith(`${url}/`) && !/^(data|blob):/.test(asked)) complaints.push(`asked another host: ${asked}`);
  });
  return { context, page, complaints };
}

/** Waits until something is so, looking again and again; fails with the last answer. */
export async function until<Value>(
  look: () => Promise<Value>,
  isSo: (value: Value) => boolean,
  within = 20_000,
  pauseMs = 100,
): Promise<Value> {
  const end = Date.now() + within;
  for (;;) {
    const value = await look();
    if (isSo(value)) return value;
    if (Date.now() > end) throw new Error(`not so in time; last seen: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
