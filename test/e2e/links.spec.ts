import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import tls from 'node:tls';
import { ManualClock } from '../../src/common/clock.js';
import { newId } from '../../src/common/ids.js';
import { Mails } from '../../src/mail/mails.service.js';
import { Links } from '../../src/sign-in/links.service.js';
import { Jar } from '../support/jar.js';
import { startService, type TestService } from '../support/service.js';
import { TestSmtp } from '../support/smtp.js';

const ORIGIN = 'https://rollcall.acme.example';
const MINUTE = 60_000;

const trustedBefore = tls.getCACertificates();
const clock = new ManualClock('2026-11-22T12:00:00.000Z');
let smtp: TestSmtp;
let service: TestService;
let links: Links;
let mails: Mails;
let count = 0;

beforeAll(async () => {
  smtp = await TestSmtp.start();
  smtp.trust();
  service = await startService({
    clock,
    config: {
      server: { publicUrl: ORIGIN, trustedProxies: ['127.0.0.1'] },
      mail: { smtpUrl: smtp.url, from: 'rollcall@acme.example' },
    },
  });
  links = service.app.get(Links, { strict: false });
  mails = service.app.get(Mails, { strict: false });
});
afterAll(async () => {
  await service.close();
  await smtp.close();
  tls.setDefaultCACertificates(trustedBefore);
});
beforeEach(() => {
  clock.advance(3 * 60 * MINUTE);
  smtp.mails.length = 0;
});

interface Somebody {
  id: string;
  email: string;
}

async function somebody({
  organisationId = service.organisation.id,
  admin = false,
  state = 'active',
  email = `p${(count += 1)}@acme.example`,
} = {}): Promise<Somebody> {
  const id = newId();
  await service.database.asOrganisation(organisationId, (tx) =>
    tx.execute(
      `INSERT INTO person (organisation_id, id, state, origin, email, email_canonical, sort_name, is_admin, archive_reasons)
       VALUES ($1, $2, $3, 'manual', $4, $4, 'x', $5, $6)`,
      [organisationId, id, state, email, admin, state === 'archived' ? ['admin'] : []],
    ),
  );
  return { id, email };
}

/** Works off what was asked for, and reads the tokens of the mails that came. */
async function post(): Promise<string[]> {
  await links.expand();
  await mails.deliverDue();
  return smtp.mails.map(({ parsed }) => /sign-in\/link#(\S+)/u.exec(parsed.text ?? '')?.[1] ?? '');
}

async function asked(email: string, jar = new Jar(service), returnTo?: string): Promise<{ jar: Jar; token: string }> {
  const body = { email, ...(returnTo === undefined ? {} : { returnTo }) };
  expect(await jar.api('POST', '/api/v1/sign-in/link', body)).toMatchObject({
    status: 200,
    body: { next: 'link_sent' },
  });
  const tokens = await post();
  return { jar, token: tokens.at(-1) ?? '' };
}

const use = (jar: Jar, token: string) => jar.api('POST', '/api/v1/sign-in/link/use', { token });
const who = (jar: Jar) => jar.api('GET', '/api/v1/session');
const DEAD = { status: 403, body: { code: 'sign_in.link_dead' } };

describe('X-14 a link by mail', () => {
  it('signs in the person whose address it is, in the browser that asked, to where it asked for', async () => {
    const { id, email } = await somebody();
    const { jar, token } = await asked(email, new Jar(service), '/account?tab=passkeys#top');
    expect(smtp.mails.map(({ to }) => to)).toEqual([[email]]);
    expect(await use(jar, token)).toMatchObject({ status: 200, body: { returnTo: '/account?tab=passkeys#top' } });
    expect((await who(jar)).body).toMatchObject({ signedIn: true, strength: 'link', person: { id }, needs: null });
    expect(jar.cookie('link')).toBeUndefined();
  });

  it('is refused in another browser, and still good in the one that asked', async () => {
    const { email } = await somebody();
    const { jar, token } = await asked(email);
    const other = new Jar(service);
    expect(await use(other, token)).toMatchObject({ ...DEAD, body: { reason: 'other_browser' } });
    const { email: otherEmail } = await somebody();
    await asked(otherEmail, other);
    expect(await use(other, token)).toMatchObject({ ...DEAD, body: { reason: 'other_browser' } });
    expect(other.cookie('session')).toBeUndefined();
    expect(await use(jar, token)).toMatchObject({ status: 200 });
  });

  it('works once, also for two at the same time', async () => {
    const { email } = await somebody();
    const { jar, token } = await asked(email);
    const answers = await Promise.all([use(jar, token), use(jar, token), use(jar, token)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403, 403]);
    expect(await use(jar, token)).toMatchObject(DEAD);
  });

  it('I-01 is good for ten minutes, judged when it is used', async () => {
    const { email } = await somebody();
    const { jar, token } = await asked(email);
    clock.advance(10 * MINUTE - 1);
    const { jar: other, token: later } = await asked((await somebody()).email);
    expect(await use(jar, token)).toMatchObject({ status: 200 });
    clock.advance(10 * MINUTE);
    expect(await use(other, later)).toMatchObject(DEAD);
  });

  it('I-02 leads to the person of its own row, whatever else is sent', async () => {
    const { email } = await somebody();
    const { jar, token } = await asked(email);
    const answer = await jar.api('POST', '/api/v1/sign-in/link/use', {
      token,
      personId: newId(),
      email: 'm@evil.example',
    });
    expect(answer.status).toBe(400);
    const elsewhere = await service.newOrganisation();
    const [, secret = ''] = token.split('.');
    const organisation = Buffer.from(elsewhere.id.replaceAll('-', ''), 'hex').toString('base64url');
    expect(await use(jar, `${organisation}.${secret}`)).toMatchObject(DEAD);
    expect(await use(jar, token)).toMatchObject({ status: 200 });
  });

  it('I-04 is not used up by looking at it ten times', async () => {
    const { email } = await somebody();
    const { jar, token } = await asked(email);
    for (let look = 0; look < 10; look++) await new Jar(service).api('GET', '/sign-in/link');
    expect(await use(jar, token)).toMatchObject({ status: 200 });
  });

  it('I-05 dies with a newer one for the same browser', async () => {
    const { email } = await somebody();
    const { jar, token: older } = await asked(email);
    const { token: newer } = await asked(email, jar);
    expect(await use(jar, older)).toMatchObject(DEAD);
    expect(await use(jar, newer)).toMatchObject({ status: 200 });
  });

  it.each<[string, string]>([
    [
      'archived',
      `UPDATE person SET state = 'archived', archive_reasons = '{admin}', archived_at = now() WHERE id = $1`,
    ],
    ['pending', `UPDATE person SET state = 'pending' WHERE id = $1`],
  ])('I-05 lets nobody in who is %s by then', async (reason, statement) => {
    const { id, email } = await somebody();
    const { jar, token } = await asked(email);
    await service.database.asOrganisation(service.organisation.id, (tx) => tx.execute(statement, [id]));
    const answer = await use(jar, token);
    expect(answer.status).toBe(403);
    expect([
      ['sign_in.refused', reason],
      ['sign_in.link_dead', 'dead'],
    ]).toContainEqual([answer.body['code'], answer.body['reason']]);
    expect((await who(jar)).body).toEqual({ signedIn: false });
  });

  it('O-10 ends the session that the browser had, and fixes nobody to an old cookie', async () => {
    const { email } = await somebody();
    const { jar, token } = await asked(email);
    await use(jar, token);
    const before = jar.cookie('session');
    const { token: again } = await asked((await somebody()).email, jar);
    await use(jar, again);
    expect(jar.cookie('session')).not.toBe(before);
    const old = new Jar(service);
    for (const [name, value] of jar.cookies) old.cookies.set(name, name.endsWith('session') ? (before ?? '') : value);
    expect((await old.api('GET', '/api/v1/me/sessions')).status).toBe(401);
  });

  it('X-15 of an admin is good for a passkey and nothing else', async () => {
    const { email } = await somebody({ admin: true });
    const { jar, token } = await asked(email);
    await use(jar, token);
    expect((await who(jar)).body).toMatchObject({ strength: 'link', needs: 'passkey' });
    expect(await jar.api('GET', '/api/v1/people')).toMatchObject({
      status: 403,
      body: { code: 'session.passkey_needed' },
    });
    expect((await jar.api('POST', '/api/v1/me/passkeys/options')).status).toBe(200);
  });

  it.each([
    '',
    'x',
    'a.b',
    `${'A'.repeat(22)}.${'A'.repeat(43)}`,
    `${'_'.repeat(22)}.${'_'.repeat(43)}`,
    `AAAAAAAAAAAAAAAAAAAAAQ.${'A'.repeat(43)}`,
  ])('that is none lets nobody in: %j', async (token) => {
    expect([400, 403]).toContain((await use(new Jar(service), token)).status);
  });
});

describe('I-16 asking says nothing', () => {
  it('a person, nobody, an archived one, one of single sign-on alone, and what is no address are answered alike', async () => {
    const person = await somebody();
    const archived = await somebody({ state: 'archived' });
    const enforced = await ssoOrganisation();
    const only = await somebody({ organisationId: enforced });
    const answers = [];
    for (const email of [
      person.email,
      archived.email,
      only.email,
      'nobody@acme.example',
      'not an address',
      'a@b, c@d',
    ]) {
      const jar = new Jar(service);
      const { status, text, headers } = await jar.api('POST', '/api/v1/sign-in/link', { email });
      answers.push({ status, text, names: [...headers.keys()].sort().join(), cookies: [...jar.cookies.keys()] });
    }
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    await post();
    expect(smtp.mails.map(({ to }) => to.join()).sort()).toEqual([person.email, only.email].sort());
  });

  it('nobody is looked for before it was answered: the same row for everybody', async () => {
    const person = await somebody();
    for (const email of [person.email, 'nobody@acme.example'])
      await new Jar(service).api('POST', '/api/v1/sign-in/link', { email });
    const rows = await service.database.asWorker((tx) => tx.query<object>('SELECT * FROM link_request'));
    expect(rows.map((row) => Object.keys(row).join())).toEqual([
      Object.keys(rows[0] ?? {}).join(),
      Object.keys(rows[0] ?? {}).join(),
    ]);
    await links.expand();
    expect(await service.database.asWorker((tx) => tx.query<object>('SELECT id FROM link_request'))).toEqual([]);
  });
});

async function ssoOrganisation(): Promise<string> {
  const { id } = await service.newOrganisation();
  await service.database.asOrganisation(id, (tx) =>
    tx.execute('UPDATE organisation SET sso = true, sso_enforced = true WHERE id = $1', [id]),
  );
  return id;
}

describe('O-77 where single sign-on is enforced', () => {
  it('mail says where to sign in, and has no link that lets in', async () => {
    const organisationId = await ssoOrganisation();
    const { email } = await somebody({ organisationId });
    const { token } = await asked(email);
    expect(token).toBe('');
    expect(smtp.mails[0]?.parsed.text).toContain(`${ORIGIN}/sign-in\n`);
    expect(smtp.mails[0]?.parsed.subject).toMatch(/^How to sign in/u);
  });

  it('a link from before lets nobody in', async () => {
    const { id: organisationId } = await service.newOrganisation();
    const { email } = await somebody({ organisationId });
    const { jar, token } = await asked(email);
    await service.database.asOrganisation(organisationId, (tx) =>
      tx.execute('UPDATE organisation SET sso = true, sso_enforced = true WHERE id = $1', [organisationId]),
    );
    expect(await use(jar, token)).toMatchObject({
      status: 403,
      body: { code: 'sign_in.refused', reason: 'sso_enforced' },
    });
  });

  it('people of the break-glass list get links still', async () => {
    const organisationId = await ssoOrganisation();
    const { id, email } = await somebody({ organisationId });
    await service.database.asOrganisation(organisationId, (tx) =>
      tx.execute(
        `INSERT INTO break_glass (organisation_id, person_id, made_by) VALUES ($1, $2, '{"kind":"operator"}')`,
        [organisationId, id],
      ),
    );
    const { jar, token } = await asked(email);
    expect(await use(jar, token)).toMatchObject({ status: 200 });
  });

  it('the operator’s own link lets in, from any browser, once, for half an hour', async () => {
    const organisationId = await ssoOrganisation();
    const { id, email } = await somebody({ organisationId, admin: true });
    const { url, expiresAt } = await links.makeForCommandLine(organisationId, email.toUpperCase());
    expect(expiresAt).toEqual(new Date(clock.now().getTime() + 30 * MINUTE));
    const jar = new Jar(service);
    const token = new URL(url).hash.slice(1);
    expect(await use(jar, token)).toMatchObject({ status: 200, body: { returnTo: '/' } });
    expect((await who(jar)).body).toMatchObject({ person: { id }, strength: 'break_glass', needs: null });
    expect(await use(new Jar(service), token)).toMatchObject(DEAD);
    const { url: second } = await links.makeForCommandLine(organisationId, email);
    clock.advance(30 * MINUTE);
    expect(await use(new Jar(service), new URL(second).hash.slice(1))).toMatchObject(DEAD);
    await expect(links.makeForCommandLine(organisationId, 'nobody@acme.example')).rejects.toMatchObject({
      code: 'person.not_found',
    });
  });
});

describe('I-18 and X-11 how often', () => {
  it('an address gets five mails in an hour, over all organisations and networks', async () => {
    const email = `many${(count += 1)}@acme.example`;
    for (let at = 0; at < 4; at++) await somebody({ email, organisationId: (await service.newOrganisation()).id });
    for (let ask = 0; ask < 4; ask++) {
      await new Jar(service, `203.0.113.${ask}`).api('POST', '/api/v1/sign-in/link', { email });
      await post();
    }
    expect(smtp.mails).toHaveLength(5);
    expect(new Set(smtp.mails.slice(0, 4).map(({ parsed }) => parsed.subject)).size).toBe(4);
    clock.advance(60 * MINUTE + 1);
    await new Jar(service, '203.0.113.99').api('POST', '/api/v1/sign-in/link', { email });
    await post();
    expect(smtp.mails).toHaveLength(9);
  });

  it('a stranger who asks again and again leaves links for the owner, who asks from elsewhere', async () => {
    const { email } = await somebody();
    const stranger = new Jar(service, '203.0.113.200');
    for (let ask = 0; ask < 20; ask++) {
      expect((await stranger.api('POST', '/api/v1/sign-in/link', { email })).status).toBe(200);
      await post();
    }
    expect(smtp.mails).toHaveLength(3);
    const owner = new Jar(service, '198.51.100.1');
    const { token } = await asked(email, owner);
    expect(await use(owner, token)).toMatchObject({ status: 200 });
  });

  it('of many guesses from one network few are looked at, and the owner gets in from another meanwhile', async () => {
    const { email } = await somebody();
    const owner = new Jar(service, '198.51.100.2');
    const { token } = await asked(email, owner);
    const guesser = new Jar(service, '203.0.113.201');
    const statuses: number[] = [];
    for (let guess = 0; guess < 300; guess++)
      statuses.push(
        (await use(guesser, `${token.slice(0, 23)}${'A'.repeat(42)}${'AEIMQUYcgkosw048'[guess % 16]}`)).status,
      );
    expect(statuses.filter((status) => status === 403).length).toBe(5);
    expect(statuses.filter((status) => status === 429).length).toBe(295);
    expect(await use(guesser, token)).toMatchObject({ status: 429 });
    expect(await use(owner, token)).toMatchObject({ status: 200 });
  });
});

describe('what was asked for and not worked on', () => {
  it('is too late after the time of a link: no mail surprises anybody', async () => {
    const { email } = await somebody();
    await new Jar(service).api('POST', '/api/v1/sign-in/link', { email });
    clock.advance(10 * MINUTE + 1);
    expect(await post()).toEqual([]);
  });

  it('and fails stands back for the others, and is tried again', async () => {
    const organisation = await service.newOrganisation();
    const { email } = await somebody({ organisationId: organisation.id });
    const { email: other } = await somebody();
    for (const one of [email, other]) await new Jar(service).api('POST', '/api/v1/sign-in/link', { email: one });
    const keys = await service.database.asMigrate((tx) =>
      tx.query<{ wrapped: Buffer }>('SELECT wrapped FROM data_key WHERE organisation_id = $1', [organisation.id]),
    );
    const wrap = (wrapped: Buffer | undefined) =>
      service.database.asMigrate((tx) =>
        tx.execute('UPDATE data_key SET wrapped = $2 WHERE organisation_id = $1', [organisation.id, wrapped]),
      );
    await wrap(Buffer.alloc(80));
    await post();
    expect(smtp.mails.map(({ to }) => to.join())).toEqual([other]);
    await wrap(keys[0]?.wrapped);
    await post();
    expect(smtp.mails).toHaveLength(1);
    clock.advance(30_000);
    await post();
    expect(smtp.mails.map(({ to }) => to.join())).toEqual([other, email]);
  });

  it('goes out once when several work on it at the same time', async () => {
    const people = await Promise.all(Array.from({ length: 10 }, () => somebody()));
    for (const { email } of people) await new Jar(service).api('POST', '/api/v1/sign-in/link', { email });
    await Promise.all([links.expand(), links.expand(), links.expand()]);
    await Promise.all([mails.deliverDue(), mails.deliverDue()]);
    expect(smtp.mails.map(({ to }) => to.join()).sort()).toEqual(people.map(({ email }) => email).sort());
  });
});

describe('I-15 and X-02 what a request claims', () => {
  it('another host in the headers does not show up in the mail', async () => {
    const { email } = await somebody();
    const jar = new Jar(service);
    const evil = {
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'http',
      forwarded: 'host=evil.example',
    };
    const { headers } = await jar.api('POST', '/api/v1/sign-in/link', { email }, evil);
    expect([...headers.values()].join()).not.toContain('evil');
    await post();
    expect(smtp.mails[0]?.raw).not.toContain('evil');
    expect(smtp.mails[0]?.parsed.text).toContain(`${ORIGIN}/sign-in/link#`);
  });

  it.each(['https://evil.example', 'null', ''])('a page of another site cannot ask: origin %j', async (origin) => {
    const answer = await new Jar(service).api('POST', '/api/v1/sign-in/link', { email: 'a@acme.example' }, { origin });
    expect(answer).toMatchObject({ status: 403, body: { code: 'request.cross_site' } });
  });
});

it('the audit log says that links were asked for, and of whom; no secret is in it', async () => {
  const { id, email } = await somebody();
  const { jar, token } = await asked(email);
  await use(jar, token);
  const { body, text } = await service.api<{ items: { action: string; subject: { id: string } }[] }>(
    'GET',
    '/api/v1/audit?limit=20',
  );
  const actions = body.items.filter(({ subject }) => subject.id === id).map(({ action }) => action);
  expect(actions.sort()).toEqual(['sign_in.link_requested', 'sign_in.succeeded']);
  expect(text).not.toContain(token.split('.')[1]);
});
