import type { Page } from 'playwright-core';

/** What the service would have to be in for a page to show something: its answers, as they come. */
export interface Scene {
  name: string;
  path: string;
  answers?: Record<string, Answer>;
  act?: (page: Page) => Promise<void>;
  heading: string;
}

export interface Answer {
  status: number;
  body: unknown;
}

const NOW = Date.now();
const ago = (minutes: number): string => new Date(NOW - minutes * 60_000).toISOString();
export const idOf = (n: number): string => `01890000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const ok = (body: unknown): Answer => ({ status: 200, body });
const problem = (status: number, code: string, detail: string): Answer => ({
  status,
  body: { type: `urn:rollcall:error:${code}`, title: 'x', status, code, detail, requestId: idOf(99) },
});

export const SESSION = {
  signedIn: true,
  kind: 'person',
  organisation: { id: idOf(1), name: 'Maplewood Dairy Cooperative' },
  person: { id: idOf(2), email: 'ada@maplewood.example', firstName: 'Ada', lastName: 'Ek', isAdmin: true },
  strength: 'passkey',
  operator: false,
  support: null,
  setUp: null,
  freshUntil: ago(-5),
  endsAt: ago(-600),
  needs: null,
};

export const device = (n: number, name: string): Record<string, unknown> => ({
  id: idOf(n),
  device: name,
  address: '2001:db8:85a3:8d3:1319:8a2e:370:7348',
  strength: 'provider',
  createdAt: ago(3000),
  lastUsedAt: ago(190),
  endsAt: ago(-600),
  current: n === 1,
});

export const passkey = (n: number, name: string): Record<string, unknown> => ({
  id: idOf(n),
  name,
  createdAt: ago(60_000),
  lastUsedAt: ago(300),
  backedUp: true,
});

export const identity = (n: number, providerName: string): Record<string, unknown> => ({
  providerId: idOf(n),
  providerName,
  linkedBy: 'email',
  linkedAt: ago(90_000),
  lastUsedAt: ago(300),
});

export const ACCOUNT: Record<string, Answer> = {
  '/api/v1/session': ok(SESSION),
  '/api/v1/me/sessions': ok({ items: [device(1, 'Chromium on Linux'), device(2, 'Safari on iPhone')] }),
  '/api/v1/me/passkeys': ok({ items: [passkey(5, 'Work laptop')] }),
  '/api/v1/me/identities': ok({ items: [identity(6, 'Maplewood single sign-on')] }),
  '/api/v1/identity-providers': ok({ items: [{ id: idOf(7), name: 'Partner company', state: 'active' }] }),
};

const LONG = 'The sign-in of our partner companies in the north and in the south of the country';

const SETTING_UP = ok({ ...SESSION, kind: 'set_up', person: null, setUp: { kinds: ['sso', 'directory'] } });

export const SCENES: readonly Scene[] = [
  { name: 'sign-in', path: '/sign-in', heading: 'Sign in' },
  {
    name: 'sign-in without an address',
    path: '/sign-in',
    act: (page) => page.getByRole('button', { name: 'Continue' }).click(),
    heading: 'Sign in',
  },
  {
    name: 'sign-in while a provider is silent',
    path: '/sign-in',
    answers: { '/api/v1/sign-in/start': problem(503, 'sign_in.provider_failed', 'It does not answer at the moment.') },
    act: (page) => typeAddress(page),
    heading: 'Sign in',
  },
  {
    name: 'the page of an organisation',
    path: '/sign-in/maplewood',
    answers: {
      '/api/v1/sign-in/places/maplewood': ok({
        name: 'Maplewood Dairy Cooperative',
        providers: [
          { id: idOf(1), name: 'Maplewood single sign-on' },
          { id: idOf(2), name: LONG },
        ],
      }),
    },
    heading: 'Sign in to Maplewood Dairy Cooperative',
  },
  { name: 'the page of no organisation', path: '/sign-in/nobody', heading: 'Sign in' },
  {
    name: 'link sent',
    path: '/sign-in',
    answers: { '/api/v1/sign-in/start': ok({ next: 'link_sent' }) },
    act: (page) => typeAddress(page),
    heading: 'Look in your mail',
  },
  { name: 'a link', path: '/sign-in/link#secret', heading: 'Sign in with your link' },
  {
    name: 'a dead link',
    path: '/sign-in/link#secret',
    answers: { '/api/v1/sign-in/link/use': problem(403, 'sign_in.link_dead', 'This link is over.') },
    act: (page) => page.getByRole('button', { name: 'Sign in' }).click(),
    heading: 'Sign in with your link',
  },
  { name: 'no link', path: '/sign-in/link', heading: 'Sign in with your link' },
  {
    name: 'the first operator',
    path: '/sign-in/first#secret',
    act: (page) => page.getByRole('button').click(),
    heading: 'Make the first operator',
  },
  {
    name: 'refused',
    path: `/sign-in/callback/${idOf(1)}/${idOf(2)}?code=x&state=y`,
    heading: 'You are not signed in',
  },
  { name: 'refused, opened again', path: '/sign-in/refused', heading: 'You are not signed in' },
  { name: 'signed out', path: '/signed-out?state=x', heading: 'You are signed out' },
  { name: 'a set-up link', path: '/set-up#secret', heading: 'Set up your company' },
  {
    name: 'setting up',
    path: '/set-up',
    answers: {
      '/api/v1/session': SETTING_UP,
      '/api/v1/identity-providers': ok({ items: [] }),
      '/api/v1/sign-in-presets': ok({
        items: [{ preset: 'x', title: 'Another one', issuer: null, issuerHint: 'As it writes itself.', settings: {} }],
      }),
    },
    act: (page) => page.getByRole('button', { name: 'Save, and show the steps' }).click(),
    heading: 'Set up Maplewood Dairy Cooperative',
  },
  {
    name: 'setting up, with a provider',
    path: '/set-up',
    answers: {
      '/api/v1/session': SETTING_UP,
      '/api/v1/identity-providers': ok({
        items: [
          {
            id: idOf(8),
            name: LONG,
            state: 'setup',
            testedAt: null,
            problem: { code: 'discovery', message: 'The provider does not answer.', since: ago(10) },
          },
        ],
      }),
      '/api/v1/sign-in-presets': ok({ items: [] }),
      [`/api/v1/identity-providers/${idOf(8)}/steps`]: ok({
        items: [
          {
            title: 'Make an application',
            text: 'In the console of the provider.',
            values: { 'Redirect URI': `https://rollcall.maplewood.example/sign-in/callback/${idOf(1)}/${idOf(8)}` },
          },
          { title: 'Copy its secret', text: 'It is shown there once.', values: {} },
        ],
      }),
    },
    act: (page) => page.getByText('Make an application').waitFor(),
    heading: 'Set up Maplewood Dairy Cooperative',
  },
  {
    name: 'a passkey is needed',
    path: '/account',
    answers: { '/api/v1/session': ok({ ...SESSION, needs: 'passkey' }) },
    act: (page) => page.getByRole('button', { name: 'Add a passkey' }).click(),
    heading: 'Add a passkey',
  },
  {
    name: 'the account',
    path: '/account',
    answers: ACCOUNT,
    act: async (page) => {
      await page.getByRole('button', { name: 'Connect Partner company' }).waitFor();
      await page.getByRole('button', { name: 'End the session of Safari on iPhone' }).waitFor();
    },
    heading: 'Your account',
  },
  {
    name: 'the account of a visitor for support',
    path: '/account',
    answers: {
      ...ACCOUNT,
      '/api/v1/session': ok({
        ...SESSION,
        person: null,
        operator: true,
        support: { organisationName: 'Maplewood', reason: 'They asked for help.', endsAt: ago(-30) },
      }),
    },
    heading: 'Your account',
  },
  {
    name: 'showing once more who one is',
    path: '/account',
    answers: { ...ACCOUNT, [`/api/v1/me/passkeys/${idOf(5)}`]: problem(403, 'session.reauthentication_needed', 'x') },
    act: async (page) => {
      await page.getByRole('button', { name: 'Remove Work laptop' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).waitFor();
    },
    heading: 'Your account',
  },
];

async function typeAddress(page: Page): Promise<void> {
  await page.getByLabel('Work e-mail').fill('ada@maplewood.example');
  await page.keyboard.press('Enter');
}

/** Shows a scene: the page is the service's own, its answers those of the scene. */
export async function show(page: Page, origin: string, { path, answers = {}, act, heading }: Scene): Promise<void> {
  for (const [pathname, { status, body }] of Object.entries(answers)) {
    const contentType = status < 400 ? 'application/json' : 'application/problem+json';
    await page.route(
      (url) => url.pathname === pathname,
      (route) => route.fulfill({ status, contentType, body: JSON.stringify(body) }),
    );
  }
  await page.goto(origin + path);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await act?.(page);
  // Beside a dialog the page is hidden from whoever does not see it.
  await page.locator('h1', { hasText: heading }).waitFor();
}
