import { newId } from '../../src/common/ids.js';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startService, type TestService } from '../support/service.js';
import { publicSiteOf } from '../../src/config/public-site.js';
import { Console } from './console.js';

jest.setTimeout(120_000);

let service: TestService;
let shell: Console;
beforeAll(async () => {
  service = await startService();
  shell = Console.beside(service.databaseUrl, service.secretKey);
});
afterAll(async () => {
  await shell[Symbol.asyncDispose]();
  await service.close();
});

const tokenOf = (out: string): string => out.trim().split('#')[1] ?? '';
const post = (path: string, body: object) => {
  const { origin } = publicSiteOf(service.config.server);
  return service.api('POST', path, body, { key: null, headers: { origin } });
};

describe('who runs the installation, at the command line', () => {
  it('operators are added, listed and ended, but for the last', async () => {
    expect((await shell.rollcall('operator', 'list')).out).toContain('rollcall operator add');
    const added = await shell.rollcall('operator', 'add', 'Ada@ops.example', '--first-name', 'Ada');
    expect(added).toMatchObject({ code: 0, err: expect.stringContaining('rollcall sign-in-link Ada@ops.example') });
    expect(await shell.rollcall('operator', 'end', 'ada@ops.example')).toMatchObject({ code: 4 });
    await shell.json('operator', 'add', 'ben@ops.example');
    expect(await shell.rollcall('operator', 'end', 'ADA@ops.example')).toMatchObject({ code: 0 });
    const { items } = await shell.json<{ items: { email: string }[] }>('operator', 'list');
    expect(items.map(({ email }) => email)).toEqual(['ben@ops.example']);
    expect(await shell.rollcall('operator', 'end', 'nobody@ops.example')).toMatchObject({ code: 3 });
  });

  it('a link signs an operator in, once, and the log has it', async () => {
    await shell.rollcall('operator', 'add', 'cleo@ops.example');
    const link = await shell.rollcall('sign-in-link', 'cleo@ops.example');
    expect(link).toMatchObject({ code: 0, out: expect.stringMatching(/^http\S+\/sign-in\/link#\S+\n$/u) });
    expect((await post('/api/v1/sign-in/link/use', { token: tokenOf(link.out) })).status).toBe(200);
    expect((await post('/api/v1/sign-in/link/use', { token: tokenOf(link.out) })).status).toBe(403);
    const entries = await service.database.asMigrate((tx) =>
      tx.query(`SELECT 1 FROM audit_entry WHERE action = 'sign_in.link_made'`),
    );
    expect(entries).toHaveLength(1);
    expect(await shell.rollcall('sign-in-link', 'nobody@ops.example')).toMatchObject({ code: 3 });
  });
});

describe('a customer, at the command line', () => {
  const acme = ['-o', 'acme'];
  beforeAll(async () => {
    await shell.json('organisation', 'create', 'Acme', '--slug', 'acme');
  });

  it('has features switched on and off', async () => {
    expect(await shell.rollcall('organisation', 'feature', 'acme')).toMatchObject({ code: 2 });
    expect(await shell.rollcall('organisation', 'feature', 'acme', '--sso', 'yes')).toMatchObject({ code: 2 });
    const on = await shell.json('organisation', 'feature', 'acme', '--sso', 'on', '--directory-sync', 'on');
    expect(on).toMatchObject({ sso: true, directorySync: true });
    const shown = await shell.rollcall('organisation', 'feature', 'acme', '--directory-sync', 'off');
    expect(shown.out).toMatch(/single sign-on +on\ndirectory sync +off\n/u);
    await shell.json('organisation', 'feature', 'acme', '--directory-sync', 'on');
  });

  it('gets set-up links, which open once, and are revoked', async () => {
    expect((await shell.rollcall('set-up-link', 'list', ...acme)).out).toContain('rollcall set-up-link create');
    const one = await shell.rollcall('set-up-link', 'create', ...acme, '--sso', '--note', 'Ana of IT');
    expect(one).toMatchObject({ code: 0, out: expect.stringMatching(/\/set-up#\S+\n$/u) });
    const opened = await post('/api/v1/set-up/open', { token: tokenOf(one.out) });
    expect(opened).toMatchObject({ status: 200, body: { organisation: 'Acme', kinds: ['sso'] } });
    const both = await shell.json<{ link: { id: string; kinds: string[] }; url: string }>(
      ...['set-up-link', 'create', ...acme, '--note', 'Ben', '--hours', '1'],
    );
    expect(both.link.kinds).toEqual(['sso', 'directory']);
    expect(await shell.rollcall('set-up-link', 'revoke', both.link.id, ...acme)).toMatchObject({ code: 0 });
    expect((await post('/api/v1/set-up/open', { token: tokenOf(both.url) })).status).toBe(403);
    const list = (await shell.rollcall('set-up-link', 'list', ...acme)).out;
    expect(list).toMatch(/Ben +sso, directory +revoked/u);
    expect(list).toMatch(/Ana of IT +sso +opened/u);
    expect(list).not.toContain(tokenOf(one.out));
  });

  it('has sessions, which are listed and ended', async () => {
    const { id } = (await shell.json<{ items: { id: string; slug: string }[] }>('organisation', 'list')).items.find(
      ({ slug }) => slug === 'acme',
    ) ?? { id: '' };
    const { api, personId } = await service.session({ organisationId: id });
    const of = [...acme, '--person', personId];
    expect((await shell.rollcall('session', 'list', ...of)).out).toContain('passkey');
    expect((await shell.rollcall('session', 'end', ...of)).out).toBe('Ended 1 sessions.\n');
    expect((await api('GET', '/api/v1/organisation')).status).toBe(401);
    expect((await shell.rollcall('session', 'list', ...of)).out).toContain('nowhere');
  });

  it('has people who lose their devices: a passkey is listed and removed, and they are signed out', async () => {
    const { items } = await shell.json<{ items: { id: string; slug: string }[] }>('organisation', 'list');
    const organisationId = items.find(({ slug }) => slug === 'acme')?.id ?? '';
    const { api, personId } = await service.session({ organisationId });
    const id = newId();
    await service.database.asOrganisation(organisationId, (tx) =>
      tx.execute(
        `INSERT INTO passkey (organisation_id, id, person_id, credential_id, public_key, counter, transports, name, backed_up)
         VALUES ($1, $2, $3, 'c', '\\x00', 0, '{}', 'Lost phone', false)`,
        [organisationId, id, personId],
      ),
    );
    const of = [...acme, '--person', personId];
    expect((await shell.rollcall('passkey', 'list', ...of)).out).toMatch(new RegExp(`${id} +Lost phone`, 'u'));
    expect(await shell.rollcall('passkey', 'remove', newId(), ...of)).toMatchObject({ code: 3 });
    expect(await shell.rollcall('passkey', 'remove', id, ...of)).toMatchObject({ code: 0 });
    expect((await api('GET', '/api/v1/organisation')).status).toBe(401);
    expect((await shell.rollcall('passkey', 'list', ...of)).out).toContain('no passkey');
  });

  it('has domains, which are looked for in the DNS', async () => {
    expect(await shell.rollcall('domain', 'check', 'other.example', ...acme)).toMatchObject({ code: 3 });
  });

  it('is deleted by who types its name, and kept by who thinks again', async () => {
    expect(await shell.rollcall('organisation', 'delete', 'acme', '--confirm', 'acne')).toMatchObject({ code: 2 });
    expect(await shell.rollcall('organisation', 'delete', 'acme', '--confirm', 'acme')).toMatchObject({
      code: 0,
      err: expect.stringContaining('rollcall organisation keep acme'),
    });
    expect(await shell.rollcall('set-up-link', 'create', ...acme, '--note', 'x')).toMatchObject({ code: 4 });
    expect(await shell.rollcall('organisation', 'keep', 'acme')).toMatchObject({ code: 0 });
    expect(await shell.rollcall('set-up-link', 'create', ...acme, '--note', 'x')).toMatchObject({ code: 0 });
  });
});
