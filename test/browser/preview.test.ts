/**
 * The three walls around a stranger's HTML, each taken down in turn: the sanitiser of the server, the frame without rights, the frame's own content security policy.
 * A page of the test shows every hostile mail in a frame; it has no policy of its own, so nothing but the walls holds anything back. Whatever gets out reaches
 * a listener that counts, or shows in the browser; with all walls down it does, so a silent test means something.
 */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { cleanHtml } from '../../server/preview/clean.ts';
import { frameDocument } from '../../web/components/mail-frame.ts';
import { type HostileMail, hostileMails } from '../preview/hostile.ts';
import { noBrowser, openBrowser, until } from './chromium.ts';

type Walls = { sanitiser: boolean; sandbox: boolean; policy: boolean };
const ALL: Walls = { sanitiser: true, sandbox: true, policy: true };
/** Frames on one page at a time. */
const AT_ONCE = 200;
/** What the sanitiser wrote is closed in itself, so many stand in one frame. */
const IN_ONE_FRAME = 20;

describe('the walls around a mail', { skip: noBrowser }, () => {
  let browser: Browser;
  let pages: Server;
  let beacon: Server;
  /** What reached the listener: paths. */
  let heard: string[];
  let connections: number;
  let mails: HostileMail[];
  let frames: string[];
  let walls: Walls;
  let fence: boolean;

  before(async () => {
    beacon = createServer((request, response) => {
      heard.push(request.url ?? '');
      response.writeHead(200, { 'access-control-allow-origin': '*' }).end();
    });
    beacon.on('connection', () => {
      connections++;
    });
    pages = createServer((request, response) => {
      const path = request.url ?? '';
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      if (path === '/') response.end(pageOf(frames, walls));
      else {
        // Relative addresses of a mail lead here, as they would lead to our own server.
        if (path === FENCE) fence = true;
        else heard.push(path);
        response.end();
      }
    });
    const origins = await Promise.all([listen(beacon), listen(pages)]);
    mails = hostileMails(origins[0]);
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    for (const server of [pages, beacon]) {
      server?.closeAllConnections();
      server?.close();
    }
  });

  /** Everything that happened which should not have. */
  async function show(some: HostileMail[], standing: Walls, enough = Number.POSITIVE_INFINITY): Promise<string[]> {
    heard = [];
    connections = 0;
    const happened: string[] = [];
    const page = await browser.newPage();
    const address = `http://127.0.0.1:${(pages.address() as AddressInfo).port}/`;
    page.on('dialog', (dialog) => {
      happened.push(`dialog: ${dialog.message()}`);
      dialog.dismiss().catch((error: unknown) => happened.push(`dialog: ${String(error)}`));
    });
    page.on('console', (message) => {
      if (message.text().startsWith('ran ')) happened.push(`script: ${message.text()}`);
    });
    page.on('framenavigated', (frame) => {
      // A frame within a mail that is refused shows an error of the browser's; what counts is the mail's own and the page around it.
      if (frame.parentFrame()?.parentFrame()) return;
      const url = frame.url();
      if (url !== address && !url.endsWith(FENCE) && !/^(about:(srcdoc|blank))?$/.test(url))
        happened.push(`navigation: ${url}`);
    });
    page.on('popup', () => happened.push('popup'));
    walls = standing;
    const all = framesOf(some, standing);
    for (let from = 0; from < all.length; from += AT_ONCE) {
      frames = all.slice(from, from + AT_ONCE);
      fence = false;
      await page.goto(address, { waitUntil: 'load' });
      for (let y = 15; y < 720; y += 90) await page.mouse.move(y % 180 === 15 ? 0 : 1270, y, { steps: 8 });
      for (let stop = 0; stop < 5; stop++) await page.keyboard.press('Tab');
      await until(
        () => Promise.resolve(fence || happened.length >= enough),
        (reached) => reached,
      );
    }
    await page.close();
    return [
      ...happened,
      ...heard.filter((path) => path !== '/favicon.ico').map((path) => `heard: ${path}`),
      // A policy does not speak of connections that are opened beforehand; the sanitiser leaves no address to open one to.
      ...(standing.sanitiser && connections > 0 ? [`connections: ${connections}`] : []),
    ];
  }

  const holding: [string, Walls][] = [
    ['all three', ALL],
    ['without the sanitiser', { ...ALL, sanitiser: false }],
    ['without the frame’s rights taken', { ...ALL, sandbox: false }],
    ['without the frame’s own policy', { ...ALL, policy: false }],
    ['the sanitiser alone', { sanitiser: true, sandbox: false, policy: false }],
  ];
  for (const [name, standing] of holding)
    test(`hold hundreds of hostile mails: ${name}`, async () => {
      // A frame for each takes its time: every other one is hundreds.
      const some = standing.sanitiser ? mails : mails.filter((_, at) => at % 2 === 0);
      assert.deepEqual(await show(some, standing), []);
    });

  test('whoever presses a link goes nowhere', async () => {
    const links = mails.filter(({ html }) => /<a\b/i.test(html)).map(({ html }) => cleanHtml(html, () => null).html);
    assert.ok(links.length > 50, String(links.length));
    const page = await browser.newPage();
    const happened: string[] = [];
    page.on('popup', () => happened.push('popup'));
    page.on('framenavigated', (frame) => happened.push(frame.url()));
    heard = [];
    // As a page of its own, without frame and policy: what is pressed is what the sanitiser left.
    await page.setContent(`<base href="http://127.0.0.1:${(beacon.address() as AddressInfo).port}/">${links.join('')}`);
    happened.length = 0;
    for (const link of await page.locator('a').all()) await link.dispatchEvent('click');
    await page.waitForLoadState('networkidle');
    assert.deepEqual([happened, heard], [[], []]);
    await page.close();
  });

  test('and with none of them much gets out', async () => {
    const none = { sanitiser: false, sandbox: false, policy: false };
    const loading = mails.filter((mail) => /^(load|style element)/.test(mail.name));
    const loaded = new Set((await show(loading, none)).filter((one) => one.startsWith('heard')));
    assert.ok(loaded.size > 40, `${loaded.size} of ${loading.length}`);
    const running = mails.filter((mail) => mail.name.startsWith('img onerror'));
    const ran = await show(running, none, 3);
    for (const kind of ['dialog', 'script', 'heard'])
      assert.ok(
        ran.some((one) => one.startsWith(kind)),
        `${kind}: not among ${ran.join(', ')}`,
      );
  });
});

function listen(server: Server): Promise<string> {
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)),
  );
}

function framesOf(mails: HostileMail[], { sanitiser }: Walls): string[] {
  if (!sanitiser) return mails.map((mail) => mail.html);
  const cleaned = mails.map((mail) => cleanHtml(mail.html, () => null).html);
  return cleaned
    .map((_, at) => (at % IN_ONE_FRAME === 0 ? cleaned.slice(at, at + IN_ONE_FRAME).join('') : ''))
    .filter((html) => html !== '');
}

/** Heard when a mail that nothing holds back would have done all it does by itself: load something, miss it, and lead away. */
const FENCE = '/fence';

function pageOf(frames: string[], { sandbox, policy }: Walls): string {
  const frame = (html: string, rights: string): string =>
    `<iframe ${rights} width=60 height=30 srcdoc="${html.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"></iframe>`;
  const shown = frames.map((html) => {
    const page = frameDocument(html);
    const open = page.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, '');
    return frame(policy ? page : open, sandbox ? 'sandbox' : '');
  });
  const last = frame(`<img src="data:x" onerror="setTimeout(()=>{location='${FENCE}'},50)">`, '');
  return `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">${shown.join('')}${last}`;
}
