import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { REFUSALS } from '../../src/sign-in/refusals.js';
import { dialogOpen, expectClean, judge, startBrowser, type TestBrowser, type Window } from '../support/chromium.js';
import { startService, type TestService } from '../support/service.js';
import { PAYLOADS } from './payloads.js';
import { ACCOUNT, device, identity, idOf, ok, passkey, SESSION, show, type Answer } from './scene.js';
import { SCENES } from './scenes.js';
import { line, SET_UP_SCENES } from './set-up-scenes.js';

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

/** A browser tells of what it forbade a moment later. */
async function untilForbidden(page: Window['page'], least: number): Promise<void> {
  for (let frame = 0; frame < 300 && (await judge<string[]>(page, 'violations')).length < least; frame++)
    await page.evaluate('new Promise((next) => requestAnimationFrame(next))');
  expect((await judge<string[]>(page, 'violations')).length).toBeGreaterThanOrEqual(least);
}

describe.each(['light', 'dark'] as const)('every page by Tab alone, %s', (colorScheme) => {
  it.each(SCENES.map((scene) => [scene.name, scene] as const))('%s', async (_, scene) => {
    const window = await browser.open({ viewport: DESK, colorScheme });
    await show(window.page, origin, scene);
    const reached = new Map<number, boolean>();
    const stops = await judge<number>(window.page, 'stops');
    // Twice around, the browser's own bar included: where a scene ended with a press of the mouse, the control that the page
    // put the focus on shows no ring before Tab comes to it.
    for (let tab = 0; tab <= 2 * (stops + 2); tab++) {
      const at = await judge<{ at: number; shows: boolean } | null>(window.page, 'focused');
      if (at !== null && at.at >= 0) reached.set(at.at, at.shows || reached.get(at.at) === true);
      await window.page.keyboard.press('Tab');
    }
    expect([...reached.values()]).toEqual(Array.from({ length: stops }, () => true));
    await window.context.close();
  });
});

it('the judge in the page sees faults: a control of the tests themselves', async () => {
  const { page, context, faults } = await browser.open();
  await page.goto(`${origin}/sign-in`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.evaluate(`(() => {
    const p = document.createElement('p');
    p.textContent = 'pale';
    p.style.color = '#999999';
    document.querySelector('main').append(p, document.createElement('button'));
    const script = document.createElement('script');
    script.textContent = 'globalThis.marker = 1';
    const holder = document.createElement('div');
    document.body.append(holder);
    holder.innerHTML = '<img src="x" onerror="globalThis.marker = 1">';
    const style = document.createElement('style');
    style.textContent = 'body { color: red }';
    document.head.append(style);
  })()`);
  await untilForbidden(page, 2);
  expect(await judge<string[]>(page, 'contrast')).toContainEqual(expect.stringMatching(/^2\.\d\d pale$/u));
  expect(await judge<string[]>(page, 'structure')).toEqual(expect.arrayContaining(['picture without alt']));
  expect(await page.evaluate('globalThis.marker')).toBeUndefined();
  expect(faults.some((fault) => fault.startsWith('console: '))).toBe(true);
  await context.close();
});

describe('X-03 what got into a page all the same', () => {
  it.each([
    ['a script without the nonce', '<script>globalThis.marker = 1</script>'],
    ['a script with another nonce', '<script nonce="AAAAAAAAAAAAAAAAAAAAAA==">globalThis.marker = 1</script>'],
    ['a script of another site', '<script src="https://evil.example/x.js"></script>'],
    ['a script of our own origin', '<script src="/assets/x.js"></script>'],
    ['an attribute', '<img src="/x.png" onerror="globalThis.marker = 1">'],
    ['a style', '<style>body { display: none }</style>'],
    ['a base', '<base href="https://evil.example/">'],
    ['a frame', '<iframe src="/sign-in"></iframe>'],
    ['a plug-in', '<object data="/x.swf"></object>'],
    ['a picture of another site', '<img src="https://evil.example/x.png">'],
  ])('%s does nothing', async (_, markup) => {
    const { page, context } = await browser.open();
    await page.route(`${origin}/sign-in`, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: (await response.text()).replace('<div id="root">', `${markup}$&`) });
    });
    await page.goto(`${origin}/sign-in`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await untilForbidden(page, 1);
    expect(await page.evaluate('globalThis.marker')).toBeUndefined();
    expect(await page.evaluate('document.baseURI')).toBe(`${origin}/sign-in`);
    await context.close();
  });
});

/** The answers of a scene, with texts of others wherever a directory or a provider has the word. */
function withTexts(path: string, answer: Answer, texts: readonly string[]): Answer {
  const all = <T>(make: (text: string, n: number) => T): T[] => texts.map(make);
  if (path.endsWith('/plan')) return ok({ items: all((text, n) => line(n, text, text)), next: null });
  if (path.endsWith('/test')) {
    const checks = all((name) => ({ name, outcome: 'failed', message: name }));
    return ok({ passed: false, checks });
  }
  if (path.endsWith('/set-up-steps'))
    return ok({ items: all((title) => ({ title, text: title, values: { [title]: title } })) });
  return answer;
}

describe('X-05 texts of others', () => {
  it('there are three hundred of them', () => {
    expect(new Set(PAYLOADS).size).toBe(300);
  });

  it('are shown as they are: names of devices, passkeys and providers', async () => {
    const window = await browser.open();
    const ok = (body: unknown): { status: number; body: unknown } => ({ status: 200, body });
    const all = <T>(make: (n: number, text: string) => T): T[] => PAYLOADS.map((text, n) => make(n + 2, text));
    const person = { ...SESSION.person, firstName: PAYLOADS[11], lastName: PAYLOADS[4], email: PAYLOADS[23] };
    const answers = {
      '/api/v1/session': ok({ ...SESSION, person, organisation: { id: idOf(1), name: PAYLOADS[1] } }),
      '/api/v1/me/sessions': ok({ items: all(device) }),
      '/api/v1/me/passkeys': ok({ items: all((n, text) => passkey(n + 1_000, text)) }),
      '/api/v1/me/identities': ok({
        items: all((n, text) => identity(n + 2_000, text)),
        others: all((n, name) => ({ id: idOf(n + 3_000), name })),
      }),
    };
    await show(window.page, origin, { name: 'payloads', path: '/account', answers, heading: 'Your account' });
    await window.page.locator('.rows > li').nth(899).waitFor();
    const shown = await window.page.evaluate<string[]>(
      `[...document.querySelectorAll('.rows > li > div > p:first-child')].map((p) => p.textContent)`,
    );
    expect(shown).toEqual([...PAYLOADS, ...PAYLOADS, ...PAYLOADS]);
    const foreign = `document.querySelectorAll('main script, main svg, main iframe, main object, main embed, main form, main a, main img, main style').length`;
    expect(await window.page.evaluate(foreign)).toBe(0);
    await expectClean(window);
    await window.context.close();
  });

  it('are shown as they are: what a directory and a provider say while they are set up', async () => {
    const texts = PAYLOADS.map((text) => text);
    const scenes = SET_UP_SCENES.filter(({ name }) =>
      /a preview$|a test of the connection|the key that was made/u.test(name),
    );
    expect(scenes).toHaveLength(3);
    for (const scene of scenes) {
      const window = await browser.open();
      const answers = Object.fromEntries(
        Object.entries(scene.answers ?? {}).map(([path, answer]) => [path, withTexts(path, answer, texts)]),
      );
      const act = async (page: Window['page']): Promise<void> => {
        if (/test/u.test(scene.name)) await page.getByRole('button', { name: 'Test connection' }).click();
        await page.locator('.rows > li, .steps > li').nth(299).waitFor();
      };
      await show(window.page, origin, { ...scene, answers, act });
      const shown = await window.page.evaluate<string[]>(
        `[...document.querySelectorAll('.rows > li > div > p:first-child, .steps > li > p:first-child')].map((p) => p.textContent)`,
      );
      expect(shown).toEqual(texts);
      const foreign = `document.querySelectorAll('main script, main svg:not(.stage-mark svg, .mantine-Checkbox-root svg), main iframe, main object, main embed, main a, main img:not(.brand img), main style').length`;
      expect(await window.page.evaluate(foreign)).toBe(0);
      await expectClean(window);
      await window.context.close();
    }
  });

  it('are shown as they are: what the service says, and who one signs in to', async () => {
    for (const text of PAYLOADS.filter((_, n) => n % 10 < 2)) {
      const window = await browser.open();
      const answers = {
        '/api/v1/sign-in/places/x': { status: 200, body: { name: text, providers: [{ id: idOf(1), name: text }] } },
        '/api/v1/sign-in/provider': { status: 403, body: { code: text, detail: text, requestId: text, status: 403 } },
      };
      const act = (page: Window['page']): Promise<void> => page.getByRole('button').first().click();
      await show(window.page, origin, { name: text, path: '/sign-in/x', answers, act, heading: 'Sign in to' });
      await window.page.getByRole('alert').waitFor();
      expect(await window.page.locator('h1').textContent()).toBe(`Sign in to ${text}`);
      expect(await window.page.getByRole('alert').textContent()).toBe(text);
      await expectClean(window);
      await window.context.close();
    }
  });
});

describe('by the keyboard alone', () => {
  const focused = async (page: Window['page']): Promise<{ name: string; shows: boolean } | null> => {
    const at = await judge<{ name: string; shows: boolean } | null>(page, 'focused');
    return at === null ? null : { name: at.name, shows: at.shows };
  };

  it('signing in: every stop shows, in the order of the page', async () => {
    const window = await browser.open();
    const { page } = window;
    await show(page, origin, {
      name: 'x',
      path: '/sign-in',
      answers: { '/api/v1/sign-in/start': { status: 200, body: { next: 'link_sent' } } },
      heading: 'Sign in',
    });
    const stops = [await focused(page)];
    for (let n = 0; n < 3; n++) {
      await page.keyboard.press('Tab');
      stops.push(await focused(page));
    }
    expect(stops).toEqual(
      ['Work e-mail', 'Continue', 'Use a passkey', 'Get a link by mail instead'].map((name) => ({ name, shows: true })),
    );
    await page.keyboard.press('Enter');
    expect(await focused(page)).toMatchObject({ name: 'Work e-mail' });
    expect(await page.getByText('Type your e-mail address').count()).toBe(1);
    await page.keyboard.type('ada@maplewood.example');
    await page.keyboard.press('Enter');
    await page.locator('h1', { hasText: 'Look in your mail' }).waitFor();
    expect((await focused(page))?.name).toBe('Look in your mail');
    await page.keyboard.press('Tab');
    expect(await focused(page)).toEqual({ name: 'Use another address', shows: true });
    await expectClean(window);
    await window.context.close();
  });

  it('a dialog keeps the focus, and gives it back', async () => {
    const window = await browser.open();
    const { page } = window;
    const answers = {
      ...ACCOUNT,
      [`/api/v1/me/passkeys/${idOf(5)}`]: {
        status: 403,
        body: { code: 'session.reauthentication_needed', detail: 'x', status: 403, requestId: null },
      },
    };
    await show(page, origin, { name: 'x', path: '/account', answers, heading: 'Your account' });
    const remove = page.getByRole('button', { name: 'Remove Work laptop' });
    await remove.focus();
    await page.keyboard.press('Enter');
    await dialogOpen(page);
    for (let n = 0; n < 8; n++) {
      await page.keyboard.press('Tab');
      expect(await page.evaluate(`document.activeElement.closest('[role=dialog]') !== null`)).toBe(true);
    }
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.locator('button[aria-label="Remove Work laptop"]:focus').waitFor();
    await expectClean(window);
    await window.context.close();
  });
});

describe('showing once more who one is', () => {
  const needed = { status: 403, body: { code: 'session.reauthentication_needed', detail: 'x', status: 403 } };
  const ways = (passkeys: object[], identities: object[]): Record<string, { status: number; body: unknown }> => ({
    ...ACCOUNT,
    '/api/v1/me/passkeys': { status: 200, body: { items: passkeys } },
    '/api/v1/me/identities': { status: 200, body: { items: identities, others: [{ id: idOf(7), name: 'Partner' }] } },
    [`/api/v1/me/passkeys/${idOf(5)}`]: needed,
    [`/api/v1/me/identities/${idOf(6)}`]: needed,
  });

  it.each([
    ['a passkey alone', [passkey(5, 'One')], [], 'Remove One', ['Use a passkey']],
    ['a provider alone', [], [identity(6, 'One')], 'Remove One', ['Use your company’s sign-in']],
    ['both', [passkey(5, 'One')], [identity(6, 'Two')], 'Remove One', ['Use a passkey', 'Use your company’s sign-in']],
    ['a provider that is switched off', [], [identity(6, 'One', false)], 'Remove One', []],
    ['a provider that does not tell when one signed in', [], [identity(6, 'One', true, false)], 'Remove One', []],
    ['that and a passkey', [passkey(5, 'One')], [identity(6, 'Two', false)], 'Remove Two', ['Use a passkey']],
  ])('with %s offers what works, and nothing else', async (_, passkeys, identities, press, offered) => {
    const { page, context } = await browser.open();
    await show(page, origin, {
      name: 'x',
      path: '/account',
      answers: ways(passkeys, identities),
      heading: 'Your account',
    });
    await page.getByRole('button', { name: press }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Cancel' }).waitFor();
    expect(await dialog.getByRole('button').allTextContents()).toEqual(['', ...offered, 'Cancel']);
    await context.close();
  });
});

describe('when something breaks', () => {
  it('a fault of the page ends in a page that says so, and can be loaded again', async () => {
    const { page, context } = await browser.open();
    const broken = { status: 200, body: { signedIn: true, kind: 'person' } };
    const answers = { ...ACCOUNT, '/api/v1/session': broken };
    await show(page, origin, { name: 'x', path: '/account', answers, heading: 'Something broke on this page' });
    expect(await judge(page, 'structure')).toEqual([]);
    expect(await judge(page, 'contrast')).toEqual([]);
    broken.body = SESSION;
    await page.unrouteAll();
    for (const [path, { body }] of Object.entries({ ...ACCOUNT, '/api/v1/session': broken }))
      await page.route(`${origin}${path}`, (route) => route.fulfill({ json: body }));
    await page.getByRole('button', { name: 'Load it again' }).click();
    await page.getByRole('heading', { name: 'Your account' }).waitFor();
    await context.close();
  });

  it('a part of a page that cannot be had, as after an update, is asked for by loading again', async () => {
    const { page, context } = await browser.open();
    await page.route(/\/assets\/opened-.*\.js$/u, (route) => route.abort());
    const session = { ...SESSION, kind: 'set_up', person: null, setUp: { kinds: ['sso'] } };
    const answers = { '/api/v1/session': { status: 200, body: session } };
    await show(page, origin, { name: 'x', path: '/set-up', answers, heading: 'Something broke on this page' });
    await context.close();
  });

  it('before the scripts are there, and when they never come, the page says so after a while', async () => {
    const { page, context } = await browser.open();
    let arrives = (): void => undefined;
    const late = new Promise<void>((resolve) => {
      arrives = resolve;
    });
    await page.route(/\/assets\/index-.*\.js$/u, async (route) => {
      await late;
      await route.continue();
    });
    await page.goto(`${origin}/sign-in`, { waitUntil: 'commit' });
    await page.getByText('If nothing comes, load it again.').waitFor();
    arrives();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await page.getByText('If nothing comes').count()).toBe(0);
    expect(await page.locator('main').count()).toBe(1);
    await context.close();
  });
});

describe('a refusal on a phone', () => {
  it.each(Object.entries(REFUSALS))('%s says what to do, is read out, and leads back', async (code, sentence) => {
    const window = await browser.open({ viewport: PHONE });
    const { page } = window;
    const path = `/sign-in/callback/${idOf(1)}/${idOf(2)}`;
    await page.route(
      (url) => url.pathname === path,
      async (route) => {
        const response = await route.fetch();
        const data = JSON.stringify({ page: 'refused', code, sentence, requestId: idOf(99) });
        const body = (await response.text()).replace(/(id="page-data"[^>]*>)[^<]*/u, (_all, tag: string) => tag + data);
        await route.fulfill({ response, body });
      },
    );
    await page.goto(`${origin}${path}?code=x&state=y`);
    await page.waitForURL(`${origin}/sign-in/refused`);
    expect(await page.getByRole('alert').textContent()).toBe(sentence);
    expect(sentence).toMatch(/^[A-Z].*[.!]$/u);
    expect(await page.title()).toBe('You are not signed in – Rollcall');
    expect(await judge(page, 'structure')).toEqual([]);
    expect(await judge(page, 'contrast')).toEqual([]);
    await page.getByRole('link', { name: 'Back to sign-in' }).waitFor();
    await expectClean(window);
    await window.context.close();
  });
});

describe('secrets of a link', () => {
  it.each(['/sign-in/link', '/sign-in/first', '/set-up'])(
    '%s leaves the address and the history at once, and nothing is sent before a press',
    async (path) => {
      const { page, context } = await browser.open();
      const sent: string[] = [];
      page.on('request', (request) => sent.push(`${request.method()} ${request.url()} ${request.postData() ?? ''}`));
      await page.goto(`${origin}${path}#the-secret`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.getByRole('button').first().waitFor();
      expect(page.url()).toBe(origin + path);
      expect(sent.filter((each) => each.includes('secret') || each.startsWith('POST'))).toEqual([]);
      await context.close();
    },
  );
});

describe('without scripts', () => {
  it('a refusal is read all the same', async () => {
    const { page, context } = await browser.open({ javaScriptEnabled: false });
    const answer = await page.goto(`${origin}/sign-in/callback/${idOf(1)}/${idOf(2)}?code=x&state=y`);
    expect(answer?.status()).toBe(400);
    expect(await page.locator('h1').textContent()).toBe('You are not signed in');
    expect(await page.getByRole('link', { name: 'Back to sign-in' }).count()).toBe(1);
    await context.close();
  });
});
