import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectClean, judge, startBrowser, type TestBrowser } from '../support/chromium.js';
import { startService, type TestService } from '../support/service.js';
import { show } from './scene.js';
import { SCENES } from './scenes.js';

const DESK = { width: 1280, height: 800 };
const PHONE = { width: 360, height: 740 };

let service: TestService;
let browser: TestBrowser;
let origin: string;
beforeAll(async () => {
  service = await startService();
  origin = service.config.server.publicUrl ?? '';
  browser = await startBrowser([origin]);
});
afterAll(async () => {
  await browser.close();
  await service.close();
});

describe.each([
  ['at a desk, light', DESK, 'light'],
  ['at a desk, dark', DESK, 'dark'],
  ['on a phone, light', PHONE, 'light'],
  ['on a phone, dark', PHONE, 'dark'],
] as const)('X-03 every page %s', (_, viewport, colorScheme) => {
  it.each(SCENES.map((scene) => [scene.name, scene] as const))('%s', async (__, scene) => {
    const window = await browser.open({ viewport, colorScheme });
    await show(window.page, origin, scene);
    const inDialog = (await window.page.getByRole('dialog').count()) > 0;
    expect(await judge(window.page, 'structure')).toEqual([]);
    // What lies behind a dialog is dimmed on purpose.
    if (!inDialog) expect(await judge(window.page, 'contrast')).toEqual([]);
    await expectClean(window);
    await window.context.close();
  });
});
