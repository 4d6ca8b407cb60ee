import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startProvider, type TestProvider } from '../support/hostile-provider.js';
import { Console, type Said } from './console.js';

jest.setTimeout(60_000);

let shell: Console;
let there: TestProvider;
let folder: string;

const rollcall = (...args: string[]): Promise<Said> => shell.rollcall('provider', ...args, '-o', 'acme');

beforeAll(async () => {
  shell = await Console.open({ ROLLCALL_IDENTITY_PROVIDERS_INSECURE_LOOPBACK: 'true' });
  there = await startProvider();
  folder = await mkdtemp(join(tmpdir(), 'rollcall-'));
  await writeFile(join(folder, 'secret.txt'), 'canary-client-secret\n');
  await shell.json('organisation', 'create', 'Acme', '--slug', 'acme');
  const client = new pg.Client({ connectionString: shell.env['DATABASE_URL'] });
  await client.connect();
  await client.query('UPDATE organisation SET sso = true');
  await client.end();
});
afterAll(async () => {
  await there[Symbol.asyncDispose]();
  await shell[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

describe('identity providers at the command line', () => {
  it('say what to do while there is none', async () => {
    expect((await rollcall('list')).out).toContain('rollcall provider add');
    expect(await rollcall('show', 'Acme')).toMatchObject({
      code: 3,
      err: expect.stringContaining('there are none yet'),
    });
  });

  it('show what to do there before they are set up, with the addresses that they will have', async () => {
    const prepared = await shell.json<{ id: string }>('provider', 'prepare', '--preset', 'okta', '-o', 'acme');
    expect((await rollcall('prepare', '--preset', 'okta')).out).toContain('/sign-in/callback/');
    const added = await shell.json<{ redirectUri: string }>(
      ...['provider', 'add', '-o', 'acme', '--preset', 'generic', '--name', 'First', '--issuer', there.issuer],
      ...['--client-id', 'rollcall', '--id', prepared.id],
    );
    expect(added.redirectUri).toContain(prepared.id);
    expect((await rollcall('delete', 'First')).code).toBe(0);
    expect((await rollcall('prepare', '--preset', 'nonsense')).err).toContain('okta, google, microsoft, generic');
  });

  it('are added with a secret from a file, listed and shown without it', async () => {
    const added = await rollcall(
      ...['add', '--preset', 'generic', '--name', 'Acme', '--issuer', there.issuer, '--client-id', 'rollcall'],
      ...['--client-secret', `value=@${join(folder, 'secret.txt')}`, '--setting', 'justInTime=true'],
    );
    expect(added).toMatchObject({ code: 0, out: expect.stringContaining(there.issuer) });
    const listed = await rollcall('list');
    expect(listed.out).toMatch(/Acme +generic +setup/u);
    const shown = await shell.json<{ settings: { justInTime: boolean } }>('provider', 'show', 'acme', '-o', 'acme');
    expect(shown.settings.justInTime).toBe(true);
    for (const { out, err } of [added, listed]) expect(`${out}${err}`).not.toContain('canary-client-secret');
  });

  it('show their steps and what their issuer says of itself', async () => {
    expect((await rollcall('steps', 'Acme')).out).toContain('/sign-in/callback/');
    expect((await rollcall('test-discovery', 'Acme')).out).toContain(`${new URL(there.issuer).origin}/token`);
  });

  it('are not enabled before a test has passed, and can be known by a key', async () => {
    expect(await rollcall('enable', 'Acme')).toMatchObject({ err: expect.stringContaining('Test the sign-in first') });
    expect((await rollcall('secret', 'Acme')).code).toBe(2);
    expect((await rollcall('secret', 'Acme', '--generate-key')).code).toBe(0);
  });

  it('are disabled and deleted', async () => {
    expect((await rollcall('disable', 'Acme')).out).toContain('is disabled');
    expect((await rollcall('delete', 'Acme')).out).toContain('is deleted');
    expect((await rollcall('list')).out).toContain('There is no identity provider yet');
  });

  it('are refused with unfit settings', async () => {
    const added = await rollcall(
      ...['add', '--preset', 'generic', '--name', 'B', '--issuer', there.issuer, '--client-id', 'x'],
      ...['--setting', 'algorithms[]=none'],
    );
    expect(added).toMatchObject({ code: 2, err: expect.stringContaining('algorithms') });
  });
});
