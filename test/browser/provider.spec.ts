import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BrowserContext, Page } from 'playwright-core';
import { cookieName } from '../../src/auth/cookies.js';
import { publicSiteOf } from '../../src/config/public-site.js';
import { DomainsService } from '../../src/organisations/domains.service.js';
import { newId } from '../../src/common/ids.js';
import { cleanWindows, judge, startBrowser, type TestBrowser } from '../support/chromium.js';
import { startProviderRig, type ProviderRig } from '../support/provider-rig.js';
import { startService, type TestService } from '../support/service.js';

const DOMAIN = 'maplewood.example';
const PEOPLE: Record<string, { sub: string; email: string }> = {
  'ada-1': { sub: 'ada-1', email: `ada@${DOMAIN}` },
  'bea-1': { sub: 'bea-1', email: `bea@${DOMAIN}` },
  'cleo-1': { sub: 'cleo-1', email: `cleo@${DOMAIN}` },
};

let rig: ProviderRig;
let service: TestService;
let browser: TestBrowser;
let origin: string;
const window = cleanWindows(() => browser);

beforeAll(async () => {
  rig = await startProviderRig((sub) => PEOPLE[sub]);
  service = await startService({
    config: { identityProviders: { insecureLoopback: true, allowedHosts: [new URL(rig.issuer).host] } },
  });
  origin = service.config.server.publicUrl ?? '';
  browser = await startBrowser([origin, rig.issuer]);
  const domains = service.app.get(DomainsService, { strict: false });
  await domains.verifyAsOperator(service.organisation.id, DOMAIN, 'a test', { by: { kind: 'operator' } });
  const { body } = await service.api<{ id: string; redirectUri: string }>('POST', '/api/v1/identity-providers', {
    preset: 'generic',
    name: 'Maplewood',
    issuer: rig.issuer,
    clientId: rig.clientId,
    clientSecret: rig.clientSecret,
  });
  rig.register({
    redirectUri: body.redirectUri,
    backChannelUri: body.redirectUri.replace('/callback/', '/back-channel-logout/'),
    postLogoutUri: `${origin}/signed-out`,
  });
  await service.database.asOrganisation(service.organisation.id, async (tx) => {
    await tx.execute(`UPDATE identity_provider SET state = 'active', tested_at = now() WHERE id = $1`, [body.id]);
    await tx.execute(
      `INSERT INTO person (organisation_id, id, state, origin, email, email_canonical, sort_name, first_name, last_name)
       VALUES (current_setting('rollcall.organisation_id')::uuid, $1, 'active', 'manual', $2, $2, 'ek', 'Ada', 'Ek')`,
      [newId(), PEOPLE['ada-1']?.email],
    );
  });
});
afterAll(async () => {
  await browser.close();
  await service.close();
  await rig[Symbol.asyncDispose]();
});

/** Types an address on our page; the browser is at the provider then. */
async function begin(page: Page, path = '/sign-in'): Promise<void> {
  await page.goto(origin + path);
  await page.getByLabel('Work e-mail').fill(PEOPLE['ada-1']?.email ?? '');
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.origin === rig.issuer);
}

async function sayWho(page: Page, sub: string): Promise<void> {
  await page.getByLabel('Account').fill(sub);
  await page.keyboard.press('Enter');
}

async function expectAccount(page: Page): Promise<void> {
  await page.waitForURL(`${origin}/account`);
  await page.getByText(`Ada Ek · ada@${DOMAIN}`).waitFor();
}

async function signIn(page: Page): Promise<void> {
  await begin(page);
  await sayWho(page, 'ada-1');
  await expectAccount(page);
}

/** Says who one is at the provider, and where it sends the browser then: it does not go there yet. */
async function wayBack(context: BrowserContext, interaction: string): Promise<string> {
  let answer = await context.request.post(interaction, { form: { sub: 'ada-1' }, maxRedirects: 0 });
  for (;;) {
    const next = new URL(answer.headers()['location'] ?? '', rig.issuer);
    if (next.origin !== rig.issuer) return next.href;
    answer = await context.request.get(next.href, { maxRedirects: 0 });
  }
}

async function signOutThere(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Yes' }).click();
}

describe('with a certified provider, in a real browser', () => {
  it('an address leads to the provider, and back into the account', async () => {
    const { page, context } = await window();
    await signIn(page);
    const cookies = await context.cookies(origin);
    expect(cookies.filter(({ name }) => name.endsWith('session'))).toMatchObject([{ httpOnly: true, sameSite: 'Lax' }]);
    // The way there is over: its cookie is gone, and nothing of it is in the address.
    expect(cookies.filter(({ name }) => name.includes('attempt'))).toEqual([]);
    await page.getByText('Maplewood', { exact: true }).waitFor();
    await page.getByText('This one').waitFor();
  });

  it('signing out ends it here and there', async () => {
    const { page } = await window();
    await signIn(page);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL((url) => url.origin === rig.issuer);
    await signOutThere(page);
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
    await page.waitForURL(`${origin}/signed-out`);
    await page.goto(`${origin}/account`);
    await page.waitForURL(`${origin}/sign-in`);
    // Asked anew who it is, there.
    await begin(page);
    expect(await page.getByLabel('Account').count()).toBe(1);
  });

  it('signing out at the provider ends the session here, by the back-channel', async () => {
    const { page } = await window();
    await signIn(page);
    rig.notified.length = 0;
    await page.goto(`${rig.issuer}/session/end`);
    await signOutThere(page);
    await page.waitForURL(/success/u);
    expect(rig.notified).toEqual(['taken']);
    await page.goto(`${origin}/account`);
    await page.waitForURL(`${origin}/sign-in`);
  });

  it('a new key of the provider is found by the next sign-in, and by one under way', async () => {
    const first = await window();
    await signIn(first.page);
    rig.rotate();
    const second = await window();
    await signIn(second.page);
    const third = await window();
    await begin(third.page);
    rig.rotate();
    await sayWho(third.page, 'ada-1');
    await expectAccount(third.page);
  });

  it('O-11 two tabs end in any order', async () => {
    const { page, context } = await window();
    const other = await context.newPage();
    await begin(page);
    await begin(other);
    await sayWho(other, 'ada-1');
    await expectAccount(other);
    await sayWho(page, 'ada-1');
    await expectAccount(page);
  });

  it('O-09 what one browser began, another cannot end; and it is over then', async () => {
    const { page, context } = await window();
    await begin(page);
    const back = await wayBack(context, page.url());
    const thief = await window();
    const answer = await thief.page.goto(back);
    expect(answer?.status()).toBe(400);
    await thief.page.getByRole('heading', { name: 'You are not signed in' }).waitFor();
    expect(thief.page.url()).toBe(`${origin}/sign-in/refused`);
    await thief.page.goto(`${origin}/account`);
    await thief.page.waitForURL(`${origin}/sign-in`);
    expect((await page.goto(back))?.status()).toBe(400);
  });

  it('somebody whom nobody knows here is told so, with a code for their admin and nothing more', async () => {
    const { page } = await window();
    await begin(page);
    await sayWho(page, 'bea-1');
    await page.getByRole('heading', { name: 'You are not signed in' }).waitFor();
    expect(await page.getByRole('alert').textContent()).toBe(
      'We do not know this account here. Ask your admin to add you.',
    );
    expect(await page.locator('main').textContent()).toMatch(/Code for your admin\s*unknown [0-9a-f-]{36}/u);
    expect(page.url()).toBe(`${origin}/sign-in/refused`);
    await page.getByRole('link', { name: 'Back to sign-in' }).click();
    await page.getByLabel('Work e-mail').waitFor();
  });

  it.each([
    ['/set-up?x=y', '/set-up?x=y'],
    ['//evil.example/', '/account'],
    ['https://evil.example/', '/account'],
    ['/\\evil.example', '/account'],
    ['javascript:alert(1)', '/account'],
  ])('O-12 wanted %s, landed at %s', async (wanted, landed) => {
    const { page } = await window();
    await begin(page, `/sign-in?returnTo=${encodeURIComponent(wanted)}`);
    await sayWho(page, 'ada-1');
    await page.waitForURL(origin + landed);
  });
});

it('O-42 an admin is not known by an address, but ties the account from the session that they have', async () => {
  const admin = await service.session();
  const { page, context } = await window();
  const name = cookieName('session', publicSiteOf(service.config.server));
  await context.addCookies([{ name, value: admin.cookie, url: origin }]);
  await page.goto(`${origin}/account`);
  await page.getByRole('button', { name: 'Connect Maplewood' }).click();
  await sayWho(page, 'cleo-1');
  await page.waitForURL(`${origin}/account`);
  await page.getByRole('button', { name: 'Remove Maplewood' }).waitFor();

  const later = await window();
  await begin(later.page);
  await sayWho(later.page, 'cleo-1');
  await later.page.waitForURL(`${origin}/account`);
  await later.page.getByRole('button', { name: 'Remove Maplewood' }).waitFor();
});

it('a member too ties an account from the session that they have', async () => {
  const member = await service.session({ admin: false });
  const { page, context } = await window();
  const name = cookieName('session', publicSiteOf(service.config.server));
  await context.addCookies([{ name, value: member.cookie, url: origin }]);
  await page.goto(`${origin}/account`);
  await page.getByRole('button', { name: 'Connect Maplewood' }).click();
  await sayWho(page, 'bea-1');
  await page.waitForURL(`${origin}/account`);
  await page.getByRole('button', { name: 'Remove Maplewood' }).waitFor();
  expect(await page.getByRole('button', { name: 'Connect Maplewood' }).count()).toBe(0);
});

describe('setting single sign-on up by a link', () => {
  it('from the link to people signing in: made, tested, switched on', async () => {
    const other = await service.newOrganisation();
    const { body } = await other.api<{ url: string }>('POST', '/api/v1/set-up-links', { kinds: ['sso'], note: 'IT' });
    const { page, context } = await window();
    await page.goto(body.url);
    await page.getByRole('button', { name: 'Open it' }).click();
    const presets = await other.api<{ items: { preset: string; title: string }[] }>('GET', '/api/v1/sign-in-presets');
    const picks = page.getByRole('group', { name: 'Where do your people sign in?' }).getByRole('button');
    await picks.first().waitFor();
    expect(await picks.allTextContents()).toEqual(presets.body.items.map(({ title }) => title));
    await picks.nth(presets.body.items.findIndex(({ preset }) => preset === 'generic')).click();
    const shown = page.locator('.copyable-value', { hasText: '/sign-in/callback/' }).first();
    const redirectUri = await shown.textContent();
    expect(redirectUri).toMatch(new RegExp(`^${origin}/sign-in/callback/${other.id}/[0-9a-f-]{36}$`, 'u'));
    // What was copied already stays right when the page is loaded again.
    await page.reload();
    await shown.waitFor();
    expect(await shown.textContent()).toBe(redirectUri);
    rig.register({ redirectUri: redirectUri ?? '' });

    await page.getByLabel('Name', { exact: true }).fill('Birch <sign-in>');
    await page.getByLabel('Issuer').fill(rig.issuer);
    await page.getByRole('textbox', { name: 'Client ID' }).fill('wrong');
    await page.getByRole('button', { name: 'Save and go on' }).click();
    await page.locator('input[name=clientSecret]:focus').waitFor();
    await page.getByLabel('Client secret').fill(rig.clientSecret);
    await page.getByRole('button', { name: 'Save and go on' }).click();
    await page.getByText('Sign in with your own account').waitFor();
    await page.getByRole('button', { name: 'Change: Make an application there' }).click();
    await page.getByRole('textbox', { name: 'Client ID' }).fill(rig.clientId);
    await page.getByLabel('Client secret').fill(rig.clientSecret);
    await page.getByRole('button', { name: 'Save and go on' }).click();

    const opening = context.waitForEvent('page');
    await page.getByRole('button', { name: 'Test sign-in' }).click();
    const tab = await opening;
    await sayWho(tab, 'ada-1');
    await tab.getByRole('heading', { name: 'The test has come back' }).waitFor();
    expect(tab.url()).toBe(`${origin}/set-up`);
    const closed = tab.waitForEvent('close');
    // The tab may be gone before the press is over; that it goes is what counts.
    await Promise.allSettled([tab.getByRole('button', { name: 'Close this tab' }).click()]);
    await closed;
    await page.getByText('The test passed.').waitFor();
    await page.getByText(PEOPLE['ada-1']?.email ?? '').waitFor();
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByRole('button', { name: 'Switch on' }).click();
    await page.getByText('Single sign-on is on').waitFor();

    await page.getByLabel('Domain', { exact: true }).fill('birch.example');
    await page.getByRole('button', { name: 'Add a domain' }).click();
    await page.getByRole('button', { name: 'Check birch.example' }).waitFor();
    expect(await judge(page, 'structure')).toEqual([]);
    expect(await judge(page, 'contrast')).toEqual([]);

    const visitor = await window();
    await visitor.page.goto(`${origin}/sign-in/${other.slug}`);
    await visitor.page.getByRole('button', { name: 'Continue with Birch <sign-in>' }).click();
    await visitor.page.waitForURL((url) => url.origin === rig.issuer);
  });
});
