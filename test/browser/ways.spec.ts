import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import tls from 'node:tls';
import type { Page } from 'playwright-core';
import { cookieName } from '../../src/auth/cookies.js';
import { newId } from '../../src/common/ids.js';
import { publicSiteOf } from '../../src/config/public-site.js';
import { Mails } from '../../src/mail/mails.service.js';
import { Installation } from '../../src/organisations/installation.service.js';
import { Links } from '../../src/sign-in/links.service.js';
import { cleanWindows, startBrowser, type TestBrowser, type Window } from '../support/chromium.js';
import { startService, type TestService } from '../support/service.js';
import { TestSmtp } from '../support/smtp.js';

const trustedBefore = tls.getCACertificates();
let smtp: TestSmtp;
let service: TestService;
let browser: TestBrowser;
let origin: string;
const window = cleanWindows(() => browser);

beforeAll(async () => {
  smtp = await TestSmtp.start();
  smtp.trust();
  service = await startService({ config: { mail: { smtpUrl: smtp.url, from: 'rollcall@acme.example' } } });
  origin = service.config.server.publicUrl ?? '';
  browser = await startBrowser([origin]);
});
afterAll(async () => {
  await browser.close();
  await service.close();
  await smtp.close();
  tls.setDefaultCACertificates(trustedBefore);
});

/** A device with a fingerprint reader that always knows its owner. */
async function withAuthenticator({ page, context }: Window): Promise<void> {
  const session = await context.newCDPSession(page);
  await session.send('WebAuthn.enable');
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

async function heading(page: Page, name: string): Promise<void> {
  await page.getByRole('heading', { level: 1, name }).waitFor();
}

async function member(email: string): Promise<void> {
  await service.database.asOrganisation(service.organisation.id, (tx) =>
    tx.execute(
      `INSERT INTO person (organisation_id, id, state, origin, email, email_canonical, sort_name)
       VALUES (current_setting('rollcall.organisation_id')::uuid, $1, 'active', 'manual', $2, $2, $2)`,
      [newId(), email],
    ),
  );
}

/** Asks for a link on the page, and reads it in the mail. */
async function linkFor(page: Page, email: string): Promise<string> {
  await page.goto(`${origin}/sign-in`);
  await page.getByLabel('Work e-mail').fill(email);
  await page.getByRole('button', { name: 'Get a link by mail instead' }).click();
  await heading(page, 'Look in your mail');
  smtp.mails.length = 0;
  await service.app.get(Links, { strict: false }).expand();
  await service.app.get(Mails, { strict: false }).deliverDue();
  // Mails about other things may go out with it.
  const texts = smtp.mails.map(({ parsed }) => parsed.text ?? '');
  return /http\S+\/sign-in\/link#\S+/u.exec(texts.join('\n'))?.[0] ?? '';
}

describe('X-14 a link by mail, in a real browser', () => {
  it('lets in after a press, once, and where it was asked for', async () => {
    await member('ada@maplewood.example');
    const { page } = await window();
    const link = await linkFor(page, 'ada@maplewood.example');
    await page.goto(link);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(`${origin}/account`);
    await page.getByText('ada@maplewood.example').waitFor();
    await page.goto('about:blank');
    await page.goto(link);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').waitFor();
  });

  it('is refused in another browser, which is told which one it is for', async () => {
    await member('bea@maplewood.example');
    const [first, second] = [await window(), await window()];
    const link = await linkFor(first.page, 'bea@maplewood.example');
    await second.page.goto(link);
    await second.page.getByRole('button', { name: 'Sign in' }).click();
    await second.page.getByRole('alert').filter({ hasText: 'browser' }).waitFor();
    await second.page.goto(`${origin}/account`);
    await second.page.waitForURL(`${origin}/sign-in`);
    await first.page.goto(link);
    await first.page.getByRole('button', { name: 'Sign in' }).click();
    await first.page.waitForURL(`${origin}/account`);
  });

  it('I-16 somebody who is nobody here sees the same', async () => {
    const { page } = await window();
    expect(await linkFor(page, 'nobody@maplewood.example')).toBe('');
    expect(await page.getByText('If nobody@maplewood.example has an account here').count()).toBe(1);
  });
});

describe('X-15 passkeys, in a real browser', () => {
  it('the first operator makes themselves, adds a passkey, signs in by it, and shows it again for what is dangerous', async () => {
    const shown = await service.app.get(Installation, { strict: false }).firstOperatorLink();
    const made = await window();
    const { page } = made;
    await withAuthenticator(made);
    await page.goto(shown?.url ?? '');
    await page.getByLabel('First name').fill('Olga');
    await page.getByLabel('Last name').fill('Ott');
    await page.getByLabel('E-mail').fill('olga@operator.example');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${origin}/account`);
    await heading(page, 'Add a passkey');
    await page.getByLabel('Name it').fill('Desk');
    await page.keyboard.press('Enter');
    await heading(page, 'Your account');
    await page.getByText('Desk', { exact: true }).waitFor();

    await page.getByRole('button', { name: 'Sign out' }).click();
    await heading(page, 'You are signed out');
    await page.getByRole('link', { name: 'Sign in again' }).click();
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    await page.waitForURL(`${origin}/account`);
    await page.getByText('Olga Ott · olga@operator.example').waitFor();

    await service.database.asMigrate((tx) =>
      tx.execute(`UPDATE session SET authenticated_at = authenticated_at - interval '11 minutes'`),
    );
    await page.getByRole('button', { name: 'Remove Desk' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Use a passkey' }).click();
    // Done at once after it, and refused for what it is: the last one stays.
    await page.getByRole('alert').waitFor();
    expect(await page.getByText('Desk', { exact: true }).count()).toBe(1);
  });

  it('a member adds one and removes it', async () => {
    await member('cleo@maplewood.example');
    const made = await window();
    const { page } = made;
    await withAuthenticator(made);
    await page.goto(await linkFor(page, 'cleo@maplewood.example'));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await heading(page, 'Your account');
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name it').fill('<b>Phone</b>');
    await dialog.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByText('<b>Phone</b>', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Rename <b>Phone</b>' }).click();
    await page.getByRole('dialog').getByLabel('Name it').fill('Old phone');
    await page.keyboard.press('Enter');
    await page.getByText('Old phone', { exact: true }).waitFor();
    await page.locator('button[aria-label="Rename Old phone"]:focus').waitFor();
    await page.getByRole('button', { name: 'Remove Old phone' }).click();
    await page.getByText('Old phone', { exact: true }).waitFor({ state: 'detached' });
  });

  it('without a passkey on the device, one is told so', async () => {
    const made = await window();
    await withAuthenticator(made);
    await made.page.goto(`${origin}/sign-in`);
    await made.page.getByRole('button', { name: 'Use a passkey' }).click();
    await made.page.getByRole('alert').filter({ hasText: 'No passkey was chosen' }).waitFor();
  });
});

describe('set-up links, in a real browser', () => {
  it('open after a press, once, and show what they are for', async () => {
    const admin = await service.session();
    const { body } = await admin.api<{ url: string }>('POST', '/api/v1/set-up-links', {
      kinds: ['sso', 'directory'],
      note: 'the IT of a test',
    });
    const { page } = await window();
    await page.goto(body.url);
    await page.getByRole('button', { name: 'Open it' }).click();
    await heading(page, `Set up ${service.organisation.slug}`);
    await page.getByRole('heading', { name: 'Single sign-on' }).waitFor();
    // The session stays when the page is loaded again; it is no account.
    await page.reload();
    await heading(page, `Set up ${service.organisation.slug}`);
    await page.goto(`${origin}/account`);
    await page.waitForURL(`${origin}/set-up`);
    const other = await window();
    await other.page.goto(body.url);
    await other.page.getByRole('button', { name: 'Open it' }).click();
    await other.page.getByRole('alert').waitFor();
    // Whoever has no account has nothing to sign in with.
    expect(await other.page.getByRole('link').count()).toBe(0);
  });
});

describe('X-09 sessions, in a real browser', () => {
  it('are ended from another one, at once', async () => {
    await member('dora@maplewood.example');
    const [first, second] = [await window(), await window()];
    for (const { page } of [first, second]) {
      await page.goto(await linkFor(page, 'dora@maplewood.example'));
      await page.getByRole('button', { name: 'Sign in' }).click();
      await heading(page, 'Your account');
    }
    await second.page.getByRole('button', { name: 'End all others' }).click();
    await second.page.getByRole('button', { name: /^End the session/u }).waitFor({ state: 'detached' });
    // Whatever is pressed next leads back to the sign-in.
    await first.page.getByRole('button', { name: 'Add a passkey' }).click();
    await first.page.getByLabel('Name it').fill('Too late');
    await first.page.keyboard.press('Enter');
    await first.page.waitForURL(`${origin}/sign-in`);
  });
});

it('T-13 an operator on a visit sees where they are and why, and leaves at a press', async () => {
  const operator = await service.operator();
  const { id } = service.organisation;
  const begun = await operator.api('POST', '/api/v1/operator/support', {
    organisationId: id,
    reason: 'They <b>asked</b> for help.',
    minutes: 30,
  });
  const [, cookie = ''] = /session=([^;]+)/u.exec(begun.headers.getSetCookie().join()) ?? [];
  const { page, context } = await window();
  const name = cookieName('session', publicSiteOf(service.config.server));
  await context.addCookies([{ name, value: cookie, url: origin }]);
  await page.goto(`${origin}/account`);
  await page.getByText('They <b>asked</b> for help.').waitFor();
  await page.getByRole('button', { name: 'End the visit' }).click();
  await page.getByRole('heading', { name: 'Ways to sign in' }).waitFor();
  expect(await page.getByRole('button', { name: 'End the visit' }).count()).toBe(0);
});
