import { describe, expect, it, jest } from '@jest/globals';
import { Modules } from '../conformance/modules.js';
import { ADA, comeBack, DOMAIN } from '../support/sign-in-world.js';

jest.setTimeout(120_000);

const at = new Modules();

describe('what no honest provider says', () => {
  /** A text that no database holds, one that is no text, and one that is very long. */
  const texts: [string, string][] = [
    ['a zero', 'a\u0000b'],
    ['half a letter', 'a\ud800b'],
    ['too many letters', 'x'.repeat(70_000)],
    ['a line feed', 'a\r\nSet-Cookie: a=b'],
    ['a letter that turns text around', 'a\u202eb'],
  ];
  const claims = ['sub', 'email', 'given_name', 'family_name', 'sid', 'acr', 'hd', 'tid', 'oid', 'nonce', 'azp', 'jti'];

  it.each(claims.flatMap((claim) => texts.map(([what, text]) => [claim, what, text] as const)))(
    '1.1, P4: %s with %s ends in a page, never in a fault of ours',
    async (claim, _, text) => {
      for (const said of [{ [claim]: text }, { [claim]: [text] }, { amr: [text], [claim]: ADA[claim as 'sub'] }]) {
        const landed = await at.world.signIn({ ...ADA, ...said });
        expect([303, 403]).toContain(landed.status);
        if (landed.status === 303) expect(landed.personId).toBe(at.ada);
        else expect(landed.personId).toBeNull();
      }
    },
  );

  it.each(texts)('O-48, P4: names with %s make nobody whom no page can show', async (_, text) => {
    await at.world.settings({ justInTime: true });
    try {
      const email = `new-${Math.random().toString(36).slice(2)}@${DOMAIN}`;
      const landed = await at.world.signIn({
        sub: email,
        email,
        email_verified: true,
        given_name: text,
        family_name: text,
      });
      expect([303, 403]).toContain(landed.status);
      const people = await at.world.organisation.api('GET', '/api/v1/people?limit=200');
      expect(people.status).toBe(200);
    } finally {
      await at.world.settings({ justInTime: false });
      await at.world.rows('DELETE FROM session');
    }
  });
});

it('P4: a test sign-in shows what came, and of what is deeper than any page that it came', async () => {
  const { cookie } = await at.world.service.session();
  const jar = at.world.jar();
  jar.cookies.set('rollcall-session', cookie);
  const path = `/api/v1/identity-providers/${at.world.providerId}/tests`;
  const { body } = await jar.api<{ id: string; url: string }>('POST', path, {});
  at.issuer.userInfo = () => ({ body: `{"sub":"${ADA.sub}","name":${'['.repeat(60_000)}${']'.repeat(60_000)}}` });
  const { sub, email, email_verified } = ADA;
  expect((await comeBack(jar, at.issuer, body.url, { sub, email, email_verified, amr: ['pwd', 'otp'] })).status).toBe(
    303,
  );
  const shown = await jar.api<{ claims: unknown[] }>('GET', `${path}/${body.id}`);
  expect(shown.body).toMatchObject({ state: 'done' });
  expect(shown.body.claims).toContainEqual({ name: 'amr', value: '["pwd","otp"]' });
  expect(shown.body.claims).toContainEqual({ name: 'name', value: null });
});

describe('what no honest browser brings back', () => {
  const queries = [
    '',
    '?',
    '?code',
    '?state=%FF%FE&code=a',
    '?state=a%0d%0aSet-Cookie:a=b&code=a',
    '?state[]=a&code[]=b',
    '?state[a]=a&code=b',
    '?__proto__[x]=1&state=a&code=b',
    '?code=%zz&state=%zz',
    `?code=${'a'.repeat(9_000)}&state=a`,
    `?state=${'a'.repeat(9_000)}&code=a`,
    `?${Array.from({ length: 300 }, (_, n) => `a${n}=1`).join('&')}`,
    '?error=%3Cscript%3E&state=a',
    '?code=a&state=a&iss=javascript:alert(1)',
    `?code=a&state=${'A'.repeat(22)}.${'A'.repeat(43)}`,
  ];

  it.each(queries.map((query) => [query.slice(0, 60), query]))(
    'O-02, O-08: %j is answered by a page, and asks the provider nothing',
    async (_, query) => {
      const before = { kept: await at.kept(), hits: at.tokenHits };
      const place = `/sign-in/callback/${at.world.organisation.id}/${at.world.providerId}`;
      for (const cookie of ['', 'rollcall-attempt-x=y', `rollcall-session=${'a'.repeat(500)}`]) {
        const answer = await fetch(new URL(`${place}${query}`, at.world.service.url), {
          redirect: 'manual',
          headers: cookie === '' ? {} : { cookie },
        });
        expect([answer.status, answer.headers.get('content-type')]).toEqual([400, 'text/html; charset=utf-8']);
        expect(answer.headers.get('set-cookie') ?? '').not.toContain('a=b');
        expect(await answer.text()).not.toMatch(/<script>|javascript:|Set-Cookie/u);
      }
      expect([await at.kept(), at.tokenHits]).toEqual([before.kept, before.hits]);
    },
  );

  it.each(['/sign-in/callback/x/y', '/sign-in/callback/%00/%00', '/sign-in/initiate/x/y?iss=a'])(
    '%s is nowhere',
    async (path) => {
      const answer = await fetch(new URL(path, at.world.service.url), { redirect: 'manual' });
      expect([400, 404]).toContain(answer.status);
    },
  );
});
