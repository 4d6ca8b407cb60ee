import { describe, expect, it, jest } from '@jest/globals';
import { Modules } from '../conformance/modules.js';
import { Jar } from '../support/jar.js';
import { ADA } from '../support/sign-in-world.js';

jest.setTimeout(120_000);

const at = new Modules();

interface Begun {
  jar: Jar;
  url: string;
}

async function begin(jar = at.world.jar(), headers: Record<string, string> = {}): Promise<Begun> {
  const order = { slug: at.world.organisation.slug, providerId: at.world.providerId };
  const { status, body } = await jar.api<{ url: string }>('POST', '/api/v1/sign-in/provider', order, headers);
  expect(status).toBe(200);
  return { jar, url: body.url };
}

function sentBack({ url }: Begun, change?: (back: URL) => void): string {
  at.issuer.claims = ADA;
  return at.issuer.authorize(url, change);
}

/** A page without what differs from answer to answer. */
function withoutIds(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/gu, 'ID')
    .replaceAll(/nonce="[^"]*"/gu, 'nonce')
    .replaceAll(/content="[\w+/=-]{20,}"/gu, 'content');
}

describe('a sign-in that is over, or never was', () => {
  it('O-02, O-03, O-08, O-09: one page for all of them, no token request, no session', async () => {
    const pages = new Set<string>();
    const seen = async (jar: Jar, path: string): Promise<void> => {
      const before = { kept: await at.kept(), hits: at.tokenHits };
      const { status, text } = await jar.go(path);
      expect(status).toBe(400);
      pages.add(withoutIds(text));
      await at.leftNothing({ jar }, before.kept);
      expect(at.tokenHits).toBe(before.hits);
    };
    const used = await begin();
    const path = sentBack(used);
    expect((await used.jar.go(path)).status).toBe(303);
    await used.jar.api('POST', '/api/v1/session/sign-out');
    await seen(used.jar, path);

    const late = await begin();
    at.clock.advance(601_000);
    await seen(late.jar, sentBack(late));

    const changes: ((back: URL) => void)[] = [
      (back) => back.searchParams.set('state', `${'A'.repeat(22)}.${'B'.repeat(43)}`),
      (back) => back.searchParams.delete('state'),
      (back) => back.searchParams.append('code', 'b'),
      (back) => back.searchParams.append('state', 'b'),
      (back) => {
        for (const _ of [1, 2]) back.searchParams.append('iss', at.issuer.issuer);
      },
      (back) => back.searchParams.append('error', 'access_denied'),
    ];
    for (const change of changes) {
      const begun = await begin();
      await seen(begun.jar, sentBack(begun, change));
    }

    const stolen = await begin();
    await seen(at.world.jar(), sentBack(stolen));
    // The state is dead after one use, wherever it was used.
    await seen(stolen.jar, sentBack(stolen));

    const other = await at.world.service.newOrganisation();
    const crossed = await begin();
    await seen(crossed.jar, sentBack(crossed).replace(at.world.organisation.id, other.id));
    expect(pages.size).toBe(1);
  });

  it('O-11: three tabs end in any order', async () => {
    const jar = at.world.jar();
    const tabs = [await begin(jar), await begin(jar), await begin(jar)];
    for (const index of [1, 2, 0]) {
      const tab = tabs[index];
      expect(tab && (await jar.go(sentBack(tab))).status).toBe(303);
    }
  });

  it('O-14: an error needs its attempt, ends it, and no text of the provider is shown', async () => {
    for (const text of ['<img src=x onerror=alert(1)>', `canary${'x'.repeat(3_000)}`]) {
      const begun = await begin();
      const withError = (back: URL): void => {
        back.searchParams.delete('code');
        back.searchParams.set('error', 'access_denied');
        back.searchParams.set('error_description', text);
      };
      const page = await begun.jar.go(sentBack(begun, withError));
      expect([page.status, page.text.includes(text.slice(0, 20))]).toEqual([403, false]);
      expect((await begun.jar.go(sentBack(begun))).status).toBe(400);
      const stateless = sentBack(await begin(), (back) => {
        withError(back);
        back.searchParams.delete('state');
      });
      const nobody = await at.world.jar().go(stateless);
      expect([nobody.status, nobody.text.includes(text.slice(0, 20))]).toEqual([400, false]);
    }
  });
});

describe('where a sign-in goes', () => {
  it('O-07, I-15: no header says where the browser comes back to', async () => {
    const expected = new URL((await begin()).url).searchParams.get('redirect_uri') ?? '';
    expect(expected).toMatch(/^http:\/\/localhost:\d+\/sign-in\/callback\//u);
    for (const headers of [
      { 'x-forwarded-host': 'evil.example' },
      { 'x-forwarded-proto': 'https', 'x-forwarded-port': '444' },
      { forwarded: 'host=evil.example;proto=https' },
      { 'x-original-host': 'evil.example' },
    ]) {
      const { url } = await begin(at.world.jar(), headers);
      expect(new URL(url).searchParams.get('redirect_uri')).toBe(expected);
      expect(url).not.toContain('evil.example');
    }
  });

  it('O-04: a challenge by S256, another each time, and the verifier alone answers it', async () => {
    const challenges = new Set<string>();
    for (let round = 0; round < 50; round += 1) {
      const begun = await Promise.all(Array.from({ length: 20 }, () => begin()));
      for (const { url } of begun) {
        const { searchParams } = new URL(url);
        expect(searchParams.get('code_challenge_method')).toBe('S256');
        challenges.add(searchParams.get('code_challenge') ?? '');
      }
    }
    expect(challenges.size).toBe(1_000);
    const [one, other] = [await begin(), await begin()];
    // The provider took the code for another challenge: it refuses the verifier, and nobody gets in.
    const code = new URL(sentBack(other), at.world.service.url).searchParams.get('code') ?? '';
    const landed = await one.jar.go(sentBack(one, (back) => back.searchParams.set('code', code)));
    expect([landed.status, one.jar.cookie('session')]).toEqual([403, undefined]);
    expect(at.issuer.seen.at(-1)?.form.get('code_verifier')).toMatch(/^[\w-]{43}$/u);
  });

  it('O-10: a cookie that was there before is dead afterwards, and the new one another', async () => {
    const jar = at.world.jar();
    const first = await at.letsIn(ADA, { jar });
    const old = new Map(jar.cookies);
    await at.letsIn(ADA, { jar: first.jar });
    const fixed = at.world.jar();
    for (const [name, value] of old) fixed.cookies.set(name, value);
    expect(fixed.cookie('session')).not.toBe(jar.cookie('session'));
    expect((await fixed.api('GET', '/api/v1/session')).body).toEqual({ signedIn: false });
  });

  it.each(['//e.example', '///e.example', '/\\e.example', 'https://e.example', 'https:e.example', 'javascript:x'])(
    'O-12: %s leads to no other place',
    async (returnTo) => {
      const jar = at.world.jar();
      const begun = await jar.api<{ url: string }>('POST', '/api/v1/sign-in/provider', {
        slug: at.world.organisation.slug,
        providerId: at.world.providerId,
        returnTo,
      });
      if (begun.status !== 200) return expect(begun.status).toBe(400);
      const { location } = await jar.go(sentBack({ jar, url: begun.body.url }));
      const { origin, pathname } = new URL(location ?? '');
      expect([new URL(origin).host, pathname]).toEqual([
        new URL(at.world.service.url).host.replace('127.0.0.1', 'localhost'),
        '/',
      ]);
    },
  );
});
