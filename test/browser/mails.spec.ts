import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { LANGUAGES } from '../../src/mail/languages.js';
import { compose, type MailSaying } from '../../src/mail/compose.js';
import { judge, startBrowser, type TestBrowser } from '../support/chromium.js';

const ORIGIN = 'https://mail.acme.example';
const LINK = `https://rollcall.acme.example/sign-in/link#${'x'.repeat(22)}.${'y'.repeat(43)}`;
const LONG = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft';

const MAILS: MailSaying[] = [
  { template: 'sign_in_link', values: { link: LINK, minutes: '10' } },
  { template: 'sign_in_with_provider', values: { link: 'https://rollcall.acme.example/sign-in' } },
  { template: 'new_sign_in', values: { provider: LONG, device: 'Chrome on macOS' } },
  { template: 'factor_changed', values: { change: 'passkey_added', name: LONG, device: 'Chrome on macOS' } },
  { template: 'address_changed', values: { address: `${'a'.repeat(60)}@${LONG.toLowerCase()}.example` } },
  { template: 'first_admin', values: { link: 'https://rollcall.acme.example/sign-in' } },
  ...LANGUAGES.map((language): MailSaying => ({
    template: 'invitation',
    values: {
      language,
      inviter: 'فاطمة بن علي',
      message: `Welcome!\n\nשלום, ${LONG}\nSee you on Monday.`,
      position: LONG,
      team: '営業',
      link: LINK,
      until: '2026-11-29T20:52:00.000Z',
    },
  })),
];

let browser: TestBrowser;
beforeAll(async () => {
  browser = await startBrowser([ORIGIN]);
});
afterAll(() => browser.close());

it.each(MAILS)('the mail $template can be read in any light and width, and fetches nothing', async (saying) => {
  const frame = { organisation: `${LONG} 1`, at: new Date('2026-11-22T20:52:00.000Z') };
  const { html } = await compose(saying, frame, { host: 'rollcall.acme.example' });
  for (const width of [320, 360, 1000])
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page, context, faults } = await browser.open({ viewport: { width, height: 700 }, colorScheme });
      await page.route(`${ORIGIN}/**`, (route) =>
        route.fulfill({ contentType: 'text/html; charset=utf-8', body: html }),
      );
      await page.goto(`${ORIGIN}/mail`);
      expect(await judge(page, 'contrast')).toEqual([]);
      // A mail has no landmark of a page; all else that makes a page fit to read holds.
      const language = 'language' in saying.values ? saying.values.language : 'en';
      expect(await judge(page, 'structure', language)).toEqual(['not one main']);
      const ground = await page.evaluate('getComputedStyle(document.body).backgroundColor');
      expect(ground).toBe(colorScheme === 'dark' ? 'rgb(15, 20, 25)' : 'rgb(243, 245, 247)');
      expect(faults).toEqual([]);
      await context.close();
    }
});
