import { afterEach, expect } from '@jest/globals';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core';
import { BUILT_PAGES } from '../../src/web/web.module.js';

const EXECUTABLE = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const PAGE_SIDE = fileURLToPath(new URL('../browser/page-side.mjs', import.meta.url));

/** Nothing of Chromium's own goes out into the world, and root has no sandbox. */
const FLAGS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
];

/** One window with cookies of its own, and what went wrong in it. */
export interface Window {
  page: Page;
  context: BrowserContext;
  /** Errors, dialogs, refused loads, requests to others than were named: empty when all is well. */
  faults: string[];
}

export interface TestBrowser extends AsyncDisposable {
  /** Another browser, as far as a page can tell. */
  open(options?: BrowserContextOptions): Promise<Window>;
  close(): Promise<void>;
}

/** @param origins Whom pages may ask for anything. */
export async function startBrowser(origins: readonly string[]): Promise<TestBrowser> {
  if (!existsSync(BUILT_PAGES)) throw new Error('The pages are not built: run `npm run build` first.');
  const browser = await chromium.launch({ executablePath: EXECUTABLE, args: FLAGS });
  const open: TestBrowser['open'] = async (options = {}) => {
    const context = await browser.newContext({ reducedMotion: 'reduce', locale: 'en-GB', ...options });
    await context.addInitScript({ path: PAGE_SIDE });
    const page = await context.newPage();
    return { page, context, faults: watch(context, page, new Set(origins)) };
  };
  const close = (): Promise<void> => browser.close();
  return { open, close, [Symbol.asyncDispose]: close };
}

function watch(context: BrowserContext, page: Page, origins: ReadonlySet<string>): string[] {
  const faults: string[] = [];
  page.on('pageerror', ({ message }) => faults.push(`error: ${message}`));
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('console', (message) => {
    // Chromium's own word for an answer of 4xx; what the page makes of it is seen on the page.
    const ofAnswer = message.text().startsWith('Failed to load resource: the server responded with a status of');
    if (['error', 'warning'].includes(message.type()) && !ofAnswer) faults.push(`console: ${message.text()}`);
  });
  context.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol.startsWith('http') && !origins.has(origin)) faults.push(`request: ${request.url()}`);
    if (request.url().endsWith('/csp-reports')) faults.push('a report of the policy');
  });
  return faults;
}

/** What the judge in every page says; see `test/browser/page-side.mjs`. */
export function judge<T>(
  page: Page,
  what: 'violations' | 'contrast' | 'structure' | 'stops' | 'focused',
  language = 'en',
): Promise<T> {
  return page.evaluate(`judge.${what}(${JSON.stringify(language)})`);
}

/** Once a dialog is open and has taken the focus, which it does a moment after it shows. */
export async function dialogOpen(page: Page): Promise<void> {
  await page.locator('[role=dialog]:focus-within').waitFor();
}

/** The page did nothing that its policy forbids, asked nobody else, and kept nothing. */
export async function expectClean({ page, faults }: Window): Promise<void> {
  expect(await judge(page, 'violations')).toEqual([]);
  expect(faults).toEqual([]);
  const kept = await page.evaluate<unknown>('[localStorage.length, sessionStorage.length, document.cookie]');
  expect(kept).toEqual([0, 0, '']);
}

/** Opens windows of a suite; after each test they are closed, and none may have done what it should not. */
export function cleanWindows(browser: () => TestBrowser): () => Promise<Window> {
  let opened: Window[] = [];
  afterEach(async () => {
    const all = opened;
    opened = [];
    expect(all.flatMap(({ faults }) => faults)).toEqual([]);
    await Promise.all(all.map(({ context }) => context.close()));
  });
  return async () => {
    const made = await browser().open();
    opened.push(made);
    return made;
  };
}
