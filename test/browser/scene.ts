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
  /** Where it is not JSON. */
  type?: string;
}

const NOW = Date.now();
export const ago = (minutes: number): string => new Date(NOW - minutes * 60_000).toISOString();
export const idOf = (n: number): string => `01890000-0000-7000-8000-${String(n).padStart(12, '0')}`;
export const ok = (body: unknown): Answer => ({ status: 200, body });
export const problem = (status: number, code: string, detail: string): Answer => ({
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

export const identity = (
  n: number,
  providerName: string,
  usable = true,
  stepsUp = usable,
): Record<string, unknown> => ({
  providerId: idOf(n),
  providerName,
  linkedBy: 'email',
  linkedAt: ago(90_000),
  lastUsedAt: ago(300),
  usable,
  stepsUp,
});

export const ACCOUNT: Record<string, Answer> = {
  '/api/v1/session': ok(SESSION),
  '/api/v1/me/sessions': ok({ items: [device(1, 'Chromium on Linux'), device(2, 'Safari on iPhone')] }),
  '/api/v1/me/passkeys': ok({ items: [passkey(5, 'Work laptop')] }),
  '/api/v1/me/identities': ok({
    items: [identity(6, 'Maplewood single sign-on')],
    others: [{ id: idOf(7), name: 'Partner company' }],
  }),
};

export const LONG = 'The sign-in of our partner companies in the north and in the south of the country';

/** Shows a scene: the page is the service's own, its answers those of the scene. */
export async function show(page: Page, origin: string, { path, answers = {}, act, heading }: Scene): Promise<void> {
  for (const [pathname, { status, body, type }] of Object.entries(answers)) {
    const contentType = type ?? (status < 400 ? 'application/json' : 'application/problem+json');
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    await page.route(
      (url) => url.pathname === pathname,
      (route) => route.fulfill({ status, contentType, body: text }),
    );
  }
  await page.goto(origin + path);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await act?.(page);
  // Beside a dialog the page is hidden from whoever does not see it.
  await page.locator('h1', { hasText: heading }).waitFor();
}
