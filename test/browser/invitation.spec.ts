import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import type { Page } from 'playwright-core';
import { cleanWindows, dialogOpen, judge, startBrowser, type TestBrowser } from '../support/chromium.js';
import { startProviderRig, type ProviderRig } from '../support/provider-rig.js';
import { startService, type TestService } from '../support/service.js';
import { INVITATION } from './invitation-scenes.js';
import { PAYLOADS } from './payloads.js';
import { idOf, ok, show } from './scene.js';

/** Machines differ, and others work on them too; nothing here is about time. */
jest.setTimeout(120_000);

const DECLINE = 'I do not know them, or do not want this';

let rig: ProviderRig;
let service: TestService;
let browser: TestBrowser;
let origin: string;
let inviter: Awaited<ReturnType<TestService['session']>>;
const window = cleanWindows(() => browser);

/** Whoever the rig is asked for has the address that the name says. */
const addressOf = (name: string): string => `${name}@maplewood.example`;

beforeAll(async () => {
  rig = await startProviderRig((sub) => ({ sub, email: addressOf(sub), email_verified: false }));
  service = await startService({
    config: { identityProviders: { insecureLoopback: true, allowedHosts: [new URL(rig.issuer).host] } },
  });
  origin = service.config.server.publicUrl ?? '';
  browser = await startBrowser([origin, rig.issuer]);
  inviter = await service.session({ organisationId: service.organisation.id });
  const { body } = await service.api<{ id: string; redirectUri: string }>('POST', '/api/v1/identity-providers', {
    preset: 'generic',
    name: 'Maplewood',
    issuer: rig.issuer,
    clientId: rig.clientId,
    clientSecret: rig.clientSecret,
  });
  rig.register({ redirectUri: body.redirectUri });
});
beforeEach(() => organisation({ provider: 'setup', enforced: false }));
afterAll(async () => {
  await browser.close();
  await service.close();
  await rig[Symbol.asyncDispose]();
});

const organisation = ({ provider, enforced }: { provider: 'setup' | 'active'; enforced: boolean }): Promise<void> =>
  service.database.asOrganisation(service.organisation.id, async (tx) => {
    await tx.execute(
      `UPDATE identity_provider SET state = $1, tested_at = CASE WHEN $1 = 'active' THEN now() END`,
      [provider],
    ); // prettier-ignore
    await tx.execute('UPDATE organisation SET sso_enforced = $1', [enforced]);
  });

/** Invites somebody, and hands over the link as their mail would. */
async function invite(item: Record<string, unknown> = {}): Promise<{ name: string; link: string; personId: string }> {
  const name = `p${randomBytes(5).toString('hex')}`;
  const order = { items: [{ email: addressOf(name), ...item }], message: 'Hello.\nSee you!', send: false };
  const { body } = await inviter.api<{ items: { invitationId: string; personId: string }[] }>(
    'POST',
    '/api/v1/invitations',
    order,
  );
  const [{ invitationId, personId } = { invitationId: '', personId: '' }] = body.items;
  const shown = await inviter.api<{ url: string }>('POST', `/api/v1/invitations/${invitationId}/link`);
  return { name, link: shown.body.url, personId };
}

const press = (page: Page, name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click();
const heading = (page: Page, name: RegExp | string): Promise<void> =>
  page.getByRole('heading', { level: 1, name }).waitFor();

async function open(page: Page, link: string): Promise<void> {
  await page.goto('about:blank');
  await page.goto(link);
  await heading(page, /^Join/u);
}

async function expectIn(page: Page, name: string): Promise<void> {
  await page.waitForURL(`${origin}/account`);
  await page.getByText(addressOf(name)).waitFor();
}

async function sayWho(page: Page, sub: string): Promise<void> {
  await page.waitForURL((url) => url.origin === rig.issuer);
  await page.getByLabel('Account').fill(sub);
  await page.keyboard.press('Enter');
}

describe('the link of an invitation, in a real browser', () => {
  it('I-04 shows what it is to, however often it is opened, and lets in after a press, once', async () => {
    const { name, link } = await invite({ firstName: 'Bea', lastName: 'Lind' });
    for (let times = 0; times < 5; times += 1) expect((await fetch(link)).status).toBe(200);
    const { page } = await window();
    for (let times = 0; times < 3; times += 1) await open(page, link);
    // The secret is in no history, and nothing that the page loads could take it along.
    expect(page.url()).toBe(`${origin}/invitation`);
    await page.getByText('Bea Lind').waitFor();
    expect(await page.locator('blockquote').innerText()).toBe('Hello.\nSee you!');
    await press(page, 'Accept');
    await expectIn(page, name);
    const again = (await window()).page;
    await again.goto(link);
    await heading(again, 'Your invitation');
    await again.getByRole('alert').filter({ hasText: 'does not work' }).waitFor();
    await again.getByRole('link', { name: 'Back to sign-in' }).click();
    await again.getByLabel('Work e-mail').waitFor();
  });

  it('by the keyboard alone', async () => {
    const { name, link } = await invite();
    const { page } = await window();
    await open(page, link);
    expect(await judge(page, 'stops')).toBe(2);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expectIn(page, name);
  });

  it('leads an admin to a passkey, and to nothing else', async () => {
    const { link } = await invite({ admin: true });
    const { page } = await window();
    await open(page, link);
    await press(page, 'Accept');
    await heading(page, 'Add a passkey');
    await page.goto(`${origin}/account`);
    await heading(page, 'Add a passkey');
  });

  it('can be declined, asked once more', async () => {
    const { link } = await invite();
    const { page } = await window();
    await open(page, link);
    await press(page, DECLINE);
    await dialogOpen(page);
    await press(page, 'Keep it');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: DECLINE }).focus();
    await page.keyboard.press('Enter');
    await dialogOpen(page);
    await page.getByRole('dialog').getByRole('button', { name: 'Decline', exact: true }).focus();
    await page.keyboard.press('Enter');
    await heading(page, 'You declined');
    await page.goto('about:blank');
    await page.goto(link);
    await page.getByRole('alert').filter({ hasText: 'does not work' }).waitFor();
  });

  it('I-22 says who is signed in, and ends that session when the invitation is accepted', async () => {
    const [ada, bea] = [await invite(), await invite()];
    const { page } = await window();
    await open(page, ada.link);
    await press(page, 'Accept');
    await expectIn(page, ada.name);
    await open(page, bea.link);
    await page
      .getByRole('alert')
      .filter({ hasText: addressOf(ada.name) })
      .waitFor();
    expect(await page.getByRole('button', { name: 'Accept', exact: true }).count()).toBe(0);
    await press(page, 'End that session and accept');
    await expectIn(page, bea.name);
  });

  it('I-22 asks too when somebody signed in since the page was opened', async () => {
    const [ada, bea] = [await invite(), await invite()];
    const { page, context } = await window();
    await open(page, bea.link);
    const other = await context.newPage();
    await open(other, ada.link);
    await press(other, 'Accept');
    await expectIn(other, ada.name);
    await press(page, 'Accept');
    await page
      .getByRole('alert')
      .filter({ hasText: addressOf(ada.name) })
      .waitFor();
    await press(page, 'End that session and accept');
    await expectIn(page, bea.name);
  });
});

describe('with the company’s own sign-in', () => {
  it('I-21 leads there alone where that is enforced; its word on the address need not be given', async () => {
    const { name, link } = await invite({ admin: true });
    await organisation({ provider: 'active', enforced: true });
    const { page, context } = await window();
    await open(page, link);
    expect(await judge(page, 'stops')).toBe(2);
    await press(page, 'Accept with Maplewood');
    await sayWho(page, name);
    await expectIn(page, name);
    expect((await context.cookies(origin)).filter(({ name: cookie }) => cookie.includes('attempt'))).toEqual([]);
  });

  it('I-21 says so when it was enforced since the page was opened', async () => {
    const { name, link } = await invite();
    const { page } = await window();
    await open(page, link);
    await organisation({ provider: 'active', enforced: true });
    await press(page, 'Accept');
    await page.getByRole('alert').waitFor();
    await press(page, 'Accept with Maplewood');
    await sayWho(page, name);
    await expectIn(page, name);
  });

  it('I-03 another account is refused, and the link stays good', async () => {
    const { name, link } = await invite();
    await organisation({ provider: 'active', enforced: false });
    const { page } = await window();
    await open(page, link);
    await press(page, 'Accept with Maplewood');
    await sayWho(page, 'eve');
    await heading(page, 'You are not signed in');
    await page.getByRole('alert').filter({ hasText: 'another address' }).waitFor();
    await open(page, link);
    await press(page, 'Accept by this link alone');
    await expectIn(page, name);
  });
});

it('X-05 what others wrote is shown as it is, and becomes nothing else', async () => {
  const whole = `document.querySelectorAll('main script, main svg, main iframe, main object, main embed, main form, main a, main img:not(.brand img), main style').length`;
  for (let at = 0; at < PAYLOADS.length; at += 10) {
    const text = (n: number): string => PAYLOADS[(at + n) % PAYLOADS.length] ?? '';
    const { page, context } = await window();
    const change = {
      ...{
        organisation: text(0),
        email: text(1),
        firstName: text(2),
        lastName: null,
        position: text(3),
        team: text(4),
      },
      ...{ inviter: text(5), message: text(6), ways: { link: true, providers: [{ id: idOf(1), name: text(7) }] } },
      signedIn: { personId: idOf(2), email: text(8), organisation: text(9) },
    };
    const answers = { '/api/v1/invitation/look': ok({ ...INVITATION, ...change }) };
    await show(page, origin, { name: 'payloads', path: '/invitation#secret', answers, heading: 'Join' });
    const shown = await page.evaluate<string[]>(
      `[...document.querySelectorAll('main bdi, main blockquote')].map(({ textContent }) => textContent)`,
    );
    expect(shown).toEqual(expect.arrayContaining([1, 2, 3, 4, 5, 6, 8, 9].map(text)));
    expect(await page.locator('h1').textContent()).toBe(`Join \u2068${text(0)}\u2069`);
    expect(await page.evaluate(whole)).toBe(0);
    expect(await judge(page, 'violations')).toEqual([]);
    await context.close();
  }
});
