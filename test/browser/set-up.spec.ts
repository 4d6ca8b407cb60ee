import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { writeFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { Runner } from '../../src/runs/runner.js';
import { makeCompany } from '../simulators/company/make-company.ts';
import { serveGoogle, type GoogleSimulator } from '../simulators/google/google-server.ts';
import { serveOkta, type OktaSimulator } from '../simulators/okta/okta-server.ts';
import { judge, startBrowser, type TestBrowser, type Window } from '../support/chromium.js';
import { startService, type TestOrganisation, type TestService } from '../support/service.js';

const PEOPLE = 60;

let okta: OktaSimulator;
let google: GoogleSimulator;
let service: TestService;
let browser: TestBrowser;
let origin: string;
let opened: Window[] = [];

beforeAll(async () => {
  okta = await serveOkta(makeCompany({ people: PEOPLE, seed: 7 }));
  google = await serveGoogle(makeCompany({ people: PEOPLE, seed: 8 }));
  const connectors = {
    okta: { insecureLoopback: true, baseUrl: okta.url, tokenUrl: okta.tokenUrl },
    google: { insecureLoopback: true, baseUrl: google.url, tokenUrl: google.tokenUrl },
  };
  service = await startService({ config: { connectors } });
  origin = service.config.server.publicUrl ?? '';
  browser = await startBrowser([origin]);
});
afterEach(async () => {
  const all = opened;
  opened = [];
  expect(all.flatMap(({ faults }) => faults)).toEqual([]);
  for (const { page } of all) expect(await judge(page, 'violations')).toEqual([]);
  await Promise.all(all.map(({ context }) => context.close()));
});
afterAll(async () => {
  await browser.close();
  await service.close();
  await okta.close();
  await google.close();
});

/** Somebody of the customer's IT, who has opened the link that they were sent. */
async function opens(organisation: TestOrganisation): Promise<Page> {
  const order = { kinds: ['directory'], note: 'the IT of a test' };
  const { body } = await organisation.api<{ url: string }>('POST', '/api/v1/set-up-links', order);
  const window = await browser.open();
  opened.push(window);
  await window.page.goto(body.url);
  await press(window.page, 'Open it');
  await window.page.getByRole('heading', { name: 'Directory Sync' }).waitFor();
  return window.page;
}

const press = (page: Page, name: string | RegExp): Promise<void> =>
  page.getByRole('button', { name, exact: true }).click();
const runAllDue = (): Promise<unknown> => service.app.get(Runner, { strict: false }).runAllDue();
const peopleOf = ({ id }: TestOrganisation): Promise<{ state: string }[]> =>
  service.database.asOrganisation(id, (tx) => tx.query<{ state: string }>('SELECT state FROM person'));

/** By the API token, up to the test that passed. */
async function connects(page: Page): Promise<void> {
  await press(page, 'Okta');
  await page.getByRole('radio', { name: /^API token/u }).check();
  await page.getByLabel('Address of your Okta organisation').fill(okta.url);
  await page.getByLabel('API token', { exact: true }).fill(okta.credentials.apiToken);
  await press(page, 'Save and go on');
  await press(page, 'Test connection');
  await page.getByText('A sync can work.').waitFor();
}

describe('setting Directory Sync up by a link, in a real browser', () => {
  it('from the link to the sync that runs: made, tested, looked at, started; and all of it is there after a reload', async () => {
    const organisation = await service.newOrganisation();
    const page = await opens(organisation);
    await connects(page);
    await press(page, 'Go on');
    await page.getByRole('radio', { name: 'Everybody in the directory' }).waitFor();
    expect(await page.evaluate('document.activeElement.tagName + document.activeElement.textContent.trim()')).toBe(
      'H3Choose who and what',
    );
    await page.getByRole('radio', { name: 'Wait until an admin lets them in' }).check();
    await page.getByText('Which attribute fills which field').click();
    expect(await page.getByLabel('Position', { exact: true }).inputValue()).toBe('profile.title');
    await press(page, 'Show the preview');
    await page.getByText('Waiting for its turn').waitFor();
    await page.reload();
    await page.getByText('Waiting for its turn').waitFor();

    await runAllDue();
    // Told by the service: nothing is pressed, nothing is loaded again.
    await page.getByRole('button', { name: 'Start the sync' }).waitFor();
    expect(await peopleOf(organisation)).toEqual([]);
    const added = page.getByRole('button', { name: /^Added/u });
    const count = Number(/\d+/u.exec((await added.textContent()) ?? '')?.[0]);
    expect(count).toBeGreaterThan(PEOPLE / 2);
    await added.click();
    await page.locator('.lines > li').nth(9).waitFor();
    expect(await page.locator('.lines > li').count()).toBe(10);
    await press(page, 'Show more');
    await page.locator('.lines > li').nth(25).waitFor();
    const [name = '', address = ''] = await page.locator('.lines > li').nth(25).locator('bdi').allTextContents();
    const whom = `${name} <${address}>`;
    await page.getByLabel('Search by name or address').fill(whom);
    await page.locator('.lines > li').nth(1).waitFor({ state: 'detached' });
    await page.locator('.lines > li bdi').first().waitFor();
    expect(await page.locator('.lines > li bdi').allTextContents()).toEqual([name, address]);
    // Any of its words, however it is written; the address too.
    for (const words of [address, name.split(' ')[1]?.toUpperCase() ?? '']) {
      await page.getByLabel('Search by name or address').fill('nobody at all');
      await page.getByText('Nobody is found by this.').waitFor();
      await page.getByLabel('Search by name or address').fill(words);
      await page.locator('.lines > li bdi', { hasText: address }).waitFor();
    }
    await page.getByLabel('Search by name or address').fill('nobody at all');
    await page.getByText('Nobody is found by this.').waitFor();
    expect(await judge(page, 'structure')).toEqual([]);
    expect(await judge(page, 'contrast')).toEqual([]);

    await press(page, 'Start the sync');
    await page.getByText('Waiting for its turn').waitFor();
    await runAllDue();
    await page.getByText('Directory Sync is on').waitFor();
    const people = await peopleOf(organisation);
    expect(people).toHaveLength(count);
    expect(new Set(people.map(({ state }) => state))).toEqual(new Set(['pending']));
    await page.reload();
    await page.getByText('Directory Sync is on').waitFor();
    const mails = await service.database.asOrganisation(organisation.id, (tx) => tx.query('SELECT 1 AS one FROM mail'));
    expect(mails).toEqual([]);
  });

  it('a preview is stopped, and made anew once other settings are chosen', async () => {
    const page = await opens(await service.newOrganisation());
    await connects(page);
    await press(page, 'Go on');
    await press(page, 'Show the preview');
    await press(page, 'Stop');
    await page.getByText('Nothing was changed.').waitFor();
    await press(page, 'Make a new preview');
    await page.getByText('Waiting for its turn').waitFor();
    await runAllDue();
    await page.getByRole('button', { name: 'Start the sync' }).waitFor();
    await press(page, 'Change: Choose who and what');
    await page.getByRole('radio', { name: 'Members of groups' }).check();
    await press(page, 'Show the preview');
    await page.locator('textarea[name=groupIds]:focus').waitFor();
    await page.getByLabel('Ids of the groups').fill(okta.ids.group('Engineering'));
    await press(page, 'Show the preview');
    await page.getByText('Waiting for its turn').waitFor();
    await runAllDue();
    await page
      .getByRole('button', { name: /^(Start the sync|Make a new preview)$/u })
      .first()
      .waitFor();
  });

  it('by a key: it is made first, its public half shown, and the client id asked for then', async () => {
    const organisation = await service.newOrganisation();
    const page = await opens(organisation);
    await press(page, 'Okta');
    expect(await page.getByRole('radio').first().isChecked()).toBe(true);
    await page.getByLabel('Address of your Okta organisation').fill('not an address');
    await press(page, 'Save and go on');
    // The service's own sentence, at the field that it is about.
    await page.locator('input[name=orgUrl][aria-invalid=true]:focus').waitFor();
    await page.getByLabel('Address of your Okta organisation').fill(okta.url);
    await press(page, 'Save and go on');
    const shown = page.locator('.copyable', { hasText: 'Public key (JWK)' }).locator('.copyable-value');
    await shown.waitFor();
    const key = JSON.parse((await shown.textContent()) ?? '') as Record<string, unknown>;
    expect(Object.keys(key)).toEqual(expect.arrayContaining(['kty', 'n', 'e', 'kid']));
    expect(key).not.toHaveProperty('d');
    await page.reload();
    await shown.waitFor();
    expect(JSON.parse((await shown.textContent()) ?? '')).toEqual(key);

    okta.registerApp({ clientId: '0oaOfTheTest', keys: [key] });
    await page.getByLabel('Client ID of the service app').fill('0oaOfTheTest');
    await press(page, 'Save and go on');
    await press(page, 'Test connection');
    await page.getByText('A sync can work.').waitFor();
  });

  it('what does not work is said line by line, and mended in the step before', async () => {
    const page = await opens(await service.newOrganisation());
    await press(page, 'Okta');
    await page.getByRole('radio', { name: /^API token/u }).check();
    await page.getByLabel('Address of your Okta organisation').fill(okta.url);
    await page.getByLabel('API token', { exact: true }).fill('00wrongwrongwrongwrong');
    await press(page, 'Save and go on');
    await press(page, 'Test connection');
    await page.getByText('A sync cannot work yet').waitFor();
    await page.getByText('Does not work').first().waitFor();
    expect(await page.getByRole('button', { name: 'Go on' }).count()).toBe(0);
    await press(page, 'Change: Let Rollcall read it');
    await page.getByLabel('API token', { exact: true }).fill(okta.credentials.apiToken);
    await press(page, 'Save and go on');
    await press(page, 'Test connection');
    await page.getByText('A sync can work.').waitFor();
  });

  it('by a key file that is chosen, and that is in no answer afterwards', async () => {
    const organisation = await service.newOrganisation();
    const page = await opens(organisation);
    await press(page, 'Google Workspace');
    await page.getByLabel('Admin on whose behalf').fill(google.credentials.subject);
    const file = join(mkdtempSync(join(tmpdir(), 'key-')), 'key.json');
    writeFileSync(file, JSON.stringify({ type: 'authorized_user' }));
    const choose = async (): Promise<void> => {
      const choosing = page.waitForEvent('filechooser');
      await press(page, 'Choose a file');
      await (await choosing).setFiles(file);
      await page.getByText('key.json was read.').waitFor();
    };
    await choose();
    await press(page, 'Save and go on');
    await page.getByText('This is not the key of a service account').waitFor();
    writeFileSync(file, JSON.stringify(google.credentials.keyFile));
    await choose();
    const answers: Promise<string>[] = [];
    page.on('response', (response) => {
      if (response.url().includes('/api/v1/connections')) answers.push(response.text());
    });
    await press(page, 'Save and go on');
    await press(page, 'Test connection');
    await page.getByText('A sync can work.').waitFor();
    expect((await Promise.all(answers)).join('\n')).not.toContain('PRIVATE KEY');
    expect(answers.length).toBeGreaterThan(1);
  });

  it('a link that is used up leads on, in the browser that opened it; elsewhere it says whom to ask', async () => {
    const organisation = await service.newOrganisation();
    const order = { kinds: ['directory'], note: 'twice' };
    const { body } = await organisation.api<{ url: string }>('POST', '/api/v1/set-up-links', order);
    const [first, second] = [await browser.open(), await browser.open()];
    opened.push(first, second);
    for (const { page } of [first, second]) {
      await page.goto(body.url);
      await press(page, 'Open it');
    }
    await second.page.getByRole('alert').filter({ hasText: 'ask who sent it for a new one' }).waitFor();
    expect(await second.page.getByRole('button').count()).toBe(0);
    await first.page.getByRole('heading', { name: 'Directory Sync' }).waitFor();
    await first.page.goto('about:blank');
    await first.page.goto(body.url);
    await press(first.page, 'Open it');
    await press(first.page, 'Go on where you were');
    await first.page.getByRole('heading', { name: 'Directory Sync' }).waitFor();
  });

  it('a link that is revoked ends the page at the next press, and says whom to ask', async () => {
    const organisation = await service.newOrganisation();
    const page = await opens(organisation);
    await service.database.asOrganisation(organisation.id, (tx) =>
      tx.execute('UPDATE set_up_link SET revoked_at = now()'),
    );
    await press(page, 'Okta');
    await page.getByLabel('Address of your Okta organisation').fill(okta.url);
    await press(page, 'Save and go on');
    await page.getByText('Ask whoever sent you the link for a new one.').waitFor();
    expect(await page.getByRole('button').count()).toBe(0);
  });
});
