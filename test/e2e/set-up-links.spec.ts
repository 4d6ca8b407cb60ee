import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { cookieName } from '../../src/auth/cookies.js';
import { ManualClock } from '../../src/common/clock.js';
import { publicSiteOf } from '../../src/config/public-site.js';
import { startService, type Answer, type TestOrganisation, type TestService } from '../support/service.js';

/** Machines differ, and others work on them too; nothing here is about time. */
jest.setTimeout(120_000);

const AN_HOUR = 3_600_000;

interface Made {
  url: string;
  link: { id: string; kinds: string[]; expiresAt: string; usedAt: string | null; by: string };
}

let service: TestService;
const clock = new ManualClock(new Date());
beforeAll(async () => {
  service = await startService({ clock });
});
afterAll(() => service.close());

const make = async (of: TestOrganisation, body: object = {}): Promise<Made & { token: string }> => {
  const answer = await of.api<Made>('POST', '/api/v1/set-up-links', { kinds: ['sso'], note: 'for IT', ...body });
  expect(answer.status).toBe(201);
  return { ...answer.body, token: answer.body.url.split('#')[1] ?? '' };
};
const open = (token: string, headers: Record<string, string> = {}): Promise<Answer<{ code: string }>> => {
  const { origin } = publicSiteOf(service.config.server);
  return service.api('POST', '/api/v1/set-up/open', { token }, { key: null, headers: { origin, ...headers } });
};
const cookieOf = (answer: Answer): string => {
  const name = cookieName('session', publicSiteOf(service.config.server));
  return answer.headers.getSetCookie().flatMap((one) => one.match(`^${name}=([^;]+)`)?.[1] ?? [])[0] ?? '';
};
const audited = (id: string): Promise<{ action: string; because: string | null; kind: string }[]> =>
  service.database.asOrganisation(id, (tx) =>
    tx.query(
      `SELECT action, detail->>'because' AS because, actor->>'kind' AS kind FROM audit_entry
        WHERE subject_kind = 'set_up_link' ORDER BY seq`,
    ),
  );
const DEAD = { status: 403, body: { code: 'set_up_link.dead' } };

describe('a set-up link', () => {
  it('I-02 opens the organisation and the kinds of its row, once, and the session can do no more', async () => {
    const of = await service.newOrganisation();
    const { token, url, link } = await make(of, { kinds: ['sso'] });
    expect(url).toMatch(/^http:\/\/localhost:\d+\/set-up#[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}$/u);
    expect(link).toMatchObject({ kinds: ['sso'], usedAt: null, by: 'key' });
    const opened = await open(token);
    expect(opened).toMatchObject({ status: 200, body: { organisation: of.slug, kinds: ['sso'] } });
    const browser = service.browser(cookieOf(opened));
    expect((await browser('GET', '/api/v1/session')).body).toMatchObject({
      signedIn: true,
      kind: 'set_up',
      setUp: { kinds: ['sso'] },
    });
    for (const path of ['/api/v1/people', '/api/v1/audit', '/api/v1/set-up-links', '/api/v1/api-keys']) {
      expect((await browser('GET', path)).status).toBe(403);
    }
    expect(await open(token)).toMatchObject(DEAD);
    expect(await audited(of.id)).toEqual([
      { action: 'set_up_link.made', because: null, kind: 'key' },
      { action: 'set_up_link.used', because: null, kind: 'set_up_link' },
      { action: 'set_up_link.refused', because: 'used', kind: 'stranger' },
    ]);
    const other = { token, kinds: ['directory'], organisationId: service.organisation.id };
    const { origin } = publicSiteOf(service.config.server);
    expect((await service.api('POST', '/api/v1/set-up/open', other, { key: null, headers: { origin } })).status).toBe(
      400,
    );
  });

  it('I-01 is judged when it is used: dead from its last moment on, with nothing cleaning up', async () => {
    const of = await service.newOrganisation();
    const [one, two] = [await make(of, { hours: 1 }), await make(of, { hours: 1 })];
    clock.advance(AN_HOUR - 1);
    expect((await open(one.token)).status).toBe(200);
    clock.advance(1);
    expect(await open(two.token)).toMatchObject(DEAD);
    expect((await audited(of.id)).at(-1)).toMatchObject({ because: 'expired' });
  });

  it('I-01 is kept as a digest alone', async () => {
    const of = await service.newOrganisation();
    const { token } = await make(of);
    const rows = await service.database.asOrganisation(of.id, (tx) =>
      tx.query<{ whole: string }>(`SELECT set_up_link::text || encode(digest, 'escape') AS whole FROM set_up_link`),
    );
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(token.split('.')[1]);
  });

  it('I-04 is not consumed by a GET, and carries nothing in what a GET sends', async () => {
    const of = await service.newOrganisation();
    const { url, token } = await make(of);
    for (let i = 0; i < 10; i++) {
      const { pathname, search } = new URL(url);
      expect(pathname + search).toBe('/set-up');
      await service.api('GET', '/api/v1/set-up/open', undefined, { key: null });
    }
    expect((await open(token)).status).toBe(200);
  });

  it('X-02 is not opened by a page of others', async () => {
    const of = await service.newOrganisation();
    const { token } = await make(of);
    for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }, { origin: '' }]) {
      expect(await open(token, headers)).toMatchObject({ status: 403, body: { code: 'request.cross_site' } });
    }
    expect((await open(token)).status).toBe(200);
  });

  it('I-15 leads to the configured address, whatever Host says', async () => {
    const of = await service.newOrganisation();
    const headers = {
      'x-forwarded-host': 'evil.example',
      forwarded: 'host=evil.example',
      'x-forwarded-proto': 'https',
    };
    const answer = await of.api<Made>('POST', '/api/v1/set-up-links', { kinds: ['sso'], note: 'x' }, { headers });
    expect(answer.body.url.startsWith(`${publicSiteOf(service.config.server).origin}/set-up#`)).toBe(true);
  });

  it('says the same whatever is wrong with it', async () => {
    const of = await service.newOrganisation();
    const { token } = await make(of);
    const [organisation, secret = ''] = token.split('.');
    const elsewhere = (await make(await service.newOrganisation())).token.split('.')[0];
    const wrong = [
      'x',
      `${organisation}.${secret.split('').reverse().join('')}`,
      `${elsewhere}.${secret}`,
      `${token} `,
      `${organisation}.`,
    ];
    for (const text of wrong) expect([text, await open(text)]).toMatchObject([text, DEAD]);
    expect((await open(token)).status).toBe(200);
  });

  it('of two that open it at once one gets in', async () => {
    const { token } = await make(await service.newOrganisation());
    const answers = await Promise.all(Array.from({ length: 6 }, () => open(token)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403, 403, 403, 403, 403]);
  });

  it('O-10 takes the place of the session that the browser had', async () => {
    const of = await service.newOrganisation();
    const before = await service.session();
    const name = cookieName('session', publicSiteOf(service.config.server));
    const { token } = await make(of);
    expect((await open(token, { cookie: `${name}=${before.cookie}` })).status).toBe(200);
    expect((await before.api('GET', '/api/v1/organisation')).status).toBe(401);
  });
});

describe('I-05 a set-up link is dead at once', () => {
  it('when it is revoked, and with it the session that it began', async () => {
    const of = await service.newOrganisation();
    const [unused, used] = [await make(of), await make(of, { kinds: ['directory'] })];
    const browser = service.browser(cookieOf(await open(used.token)));
    expect((await browser('GET', '/api/v1/session')).body).toMatchObject({ signedIn: true });
    for (const { link } of [unused, used]) {
      const answer = await of.api('DELETE', `/api/v1/set-up-links/${link.id}`);
      expect(answer.body).toMatchObject({ revokedAt: clock.now().toISOString() });
    }
    expect(await open(unused.token)).toMatchObject(DEAD);
    expect((await browser('GET', '/api/v1/session')).body).toEqual({ signedIn: false });
    const other = await service.newOrganisation();
    expect((await other.api('DELETE', `/api/v1/set-up-links/${unused.link.id}`)).status).toBe(404);
  });

  it('when the admin who made it is none any more', async () => {
    const of = await service.newOrganisation();
    const admin = await service.session({ organisationId: of.id });
    const made = await admin.api<Made>('POST', '/api/v1/set-up-links', { kinds: ['sso'], note: 'x' });
    expect(made).toMatchObject({ status: 201, body: { link: { by: 'person' } } });
    await service.database.asOrganisation(of.id, (tx) =>
      tx.execute('UPDATE person SET is_admin = false WHERE id = $1', [admin.personId]),
    );
    expect(await open(made.body.url.split('#')[1] ?? '')).toMatchObject(DEAD);
    expect((await audited(of.id)).at(-1)).toMatchObject({ because: 'maker_gone' });
  });

  it('when the key that made it was revoked', async () => {
    const of = await service.newOrganisation();
    const { token } = await make(of);
    await service.database.asOrganisation(of.id, (tx) => tx.execute('UPDATE api_key SET revoked_at = now()'));
    expect(await open(token)).toMatchObject(DEAD);
  });

  it.each([
    ['feature_off', 'UPDATE organisation SET sso = false'],
    ['deleting', `UPDATE organisation SET delete_after = now() + interval '7 days'`],
  ])('%s', async (because, statement) => {
    const of = await service.newOrganisation();
    const { token } = await make(of);
    await service.database.asOrganisation(of.id, (tx) => tx.execute(statement));
    expect(await open(token)).toMatchObject(DEAD);
    expect((await audited(of.id)).at(-1)).toMatchObject({ because });
  });
});

it('of an organisation whose time is over is dead too, though nothing is written there any more', async () => {
  const of = await service.newOrganisation();
  const { token } = await make(of);
  await service.database.asOrganisation(of.id, (tx) =>
    tx.execute(`UPDATE organisation SET delete_after = now() - interval '1 day'`),
  );
  expect(await open(token)).toMatchObject(DEAD);
});

it('is made for what is switched on alone, and by somebody who has just signed in', async () => {
  const of = await service.newOrganisation();
  await service.database.asOrganisation(of.id, (tx) => tx.execute('UPDATE organisation SET directory_sync = false'));
  const order = { kinds: ['directory'], note: 'x' };
  expect((await of.api('POST', '/api/v1/set-up-links', order)).body).toMatchObject({ code: 'feature.off' });
  const stale = await service.session({
    organisationId: of.id,
    authenticatedAt: new Date(clock.now().getTime() - 11 * 60_000),
  });
  expect(await stale.api('POST', '/api/v1/set-up-links', { kinds: ['sso'], note: 'x' })).toMatchObject({
    status: 403,
    body: { code: 'session.reauthentication_needed' },
  });
});

it('the list is paged, newest first, and never holds a link', async () => {
  const of = await service.newOrganisation();
  const made = [];
  for (let i = 0; i < 3; i++) made.unshift((await make(of, { note: `link ${i}` })).link.id);
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const path: string = `/api/v1/set-up-links?limit=2${cursor === null ? '' : `&cursor=${cursor}`}`;
    const page = await of.api<{ items: { id: string }[]; next: string | null }>('GET', path);
    ids.push(...page.body.items.map(({ id }) => id));
    cursor = page.body.next;
  } while (cursor !== null);
  expect(ids.sort()).toEqual(made.sort());
});
