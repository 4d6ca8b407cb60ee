import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { cookieName } from '../../src/auth/cookies.js';
import { publicSiteOf } from '../../src/config/public-site.js';
import { loadConfig } from '../../src/config/load-config.js';
import { SetUpLinks } from '../../src/organisations/set-up-links.service.js';
import { Links } from '../../src/sign-in/links.service.js';
import { dumpOf } from '../support/dump-of.js';
import { makeEverything, type Everything } from '../support/everything.js';
import { exampleOf, queryOf } from '../support/example.js';
import { startProvider, type TestProvider } from '../support/hostile-provider.js';
import { Jar } from '../support/jar.js';
import { fillPath, operationsOf } from '../support/operations.js';
import { until } from '../support/patience.js';
import { startService, type TestService } from '../support/service.js';

jest.setTimeout(120_000);

const CLIENT_SECRET = 'canary~client:secret%with+marks-0123456789';
const CODE = 'canaryAuthorizationCode0123456789';
const ACCESS_TOKEN = 'canaryAccessToken0123456789abcdef';
const LOGOUT_TOKEN = 'eyJhbGciOiJSUzI1NiJ9.eyJjYW5hcnkiOiJsb2dvdXQifQ.canarySignature01234567';
const ADDRESS = 'canary.signer@acme.example';
const PUBLIC_URL = 'http://localhost:4990';

let service: TestService;
let everything: Everything;
let issuer: TestProvider;
let folder: string;
let child: ChildProcess;
let output = '';
let url = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-canaries-'));
  service = await startService();
  issuer = await startProvider();
  everything = await makeEverything(service.database, service.organisation);
  const env = {
    ...{
      PATH: process.env['PATH'],
      ROLLCALL_ENV: 'test',
      ROLLCALL_LOG_LEVEL: 'trace',
      DATABASE_URL: service.databaseUrl,
    },
    ...{ ROLLCALL_SECRET_KEY: service.secretKey, ROLLCALL_SERVER_PUBLIC_URL: PUBLIC_URL },
    ...{ ROLLCALL_AUDIT_HEADS_FILE: join(folder, 'heads.jsonl'), ROLLCALL_AUDIT_CHAIN_EVERY_MS: '50' },
    ...{ ROLLCALL_IDENTITY_PROVIDERS_INSECURE_LOOPBACK: 'true' },
    ...{ ROLLCALL_IDENTITY_PROVIDERS_ALLOWED_HOSTS: new URL(issuer.issuer).host },
    ...{ ROLLCALL_MAIL_LOOK_EVERY_MS: '50', ROLLCALL_LIMITS_FAILURES_PER_MINUTE: '10000' },
  };
  child = spawn(process.execPath, ['--import', './test/support/register-typescript.mjs', 'src/main.ts'], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  await until(
    () => `the service to start: ${output}`,
    () => (url = /Rollcall answers at (http:\/\/[^\s,"]+)/.exec(output)?.[1] ?? '') !== '',
  );
});
afterAll(async () => {
  const closed = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGTERM');
  await closed;
  await service.close();
  await issuer[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** A secret as it stands, and as it would stand in an address, in JSON, in base64 or in two halves. */
function forms(secret: string): string[] {
  const half = Math.floor(secret.length / 2);
  return [
    ...[secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), Buffer.from(secret).toString('hex')],
    ...[Buffer.from(secret).toString('base64').replace(/=+$/, ''), Buffer.from(secret).toString('base64url')],
    ...[secret.slice(0, half), secret.slice(half)],
  ];
}

/**
 * Sign-ins in which the client secret is sent to a token endpoint, that says it back in its errors, and lets somebody in at
 * last. @returns What else was secret in them.
 */
async function signInBySecret(admin: Jar): Promise<string[]> {
  const made = await admin.api<{ id: string }>('POST', '/api/v1/identity-providers', {
    ...{ preset: 'generic', name: 'Maple', issuer: issuer.issuer, clientId: issuer.clientId },
    clientSecret: CLIENT_SECRET,
  });
  expect(made.status).toBe(201);
  const told: string[] = [];
  const answers: TestProvider['tokenAnswer'][] = [
    () => ({ status: 401, body: { error: 'invalid_client', error_description: CLIENT_SECRET, [CLIENT_SECRET]: 1 } }),
    () => ({ status: 500, type: 'text/html', body: `<p>${CLIENT_SECRET}</p>` }),
    () => ({ body: { access_token: CLIENT_SECRET, token_type: CLIENT_SECRET, id_token: CLIENT_SECRET } }),
    (body) => {
      told.push(String(body['id_token']));
      return { body: { ...body, access_token: ACCESS_TOKEN } };
    },
  ];
  const ended: string[] = [];
  for (const answer of answers) {
    issuer.tokenAnswer = answer;
    const path = `/api/v1/identity-providers/${made.body.id}/tests`;
    const begun = await admin.api<{ id: string; url: string }>('POST', path, {});
    await admin.go(issuer.authorize(begun.body.url));
    ended.push((await admin.api<{ state: string }>('GET', `${path}/${begun.body.id}`)).body.state);
  }
  expect(ended).toEqual(['failed', 'failed', 'failed', 'done']);
  const sent = issuer.seen.map(({ authorization = '' }) => Buffer.from(authorization.slice(6), 'base64').toString());
  expect(sent.map((text) => decodeURIComponent(text.slice(text.indexOf(':') + 1)))).toEqual(
    answers.map(() => CLIENT_SECRET),
  );
  return [...told, ...issuer.seen.flatMap(({ form }) => [form.get('code') ?? '', form.get('code_verifier') ?? ''])];
}

describe('K-06 what lets somebody in', () => {
  it('is in no line of the log, in no signed head, and in the database only sealed or as a digest', async () => {
    const config = loadConfig({ ROLLCALL_ENV: 'test', ROLLCALL_SERVER_PUBLIC_URL: PUBLIC_URL });
    const browser = (): Jar => new Jar({ url, config });
    const { id: organisationId } = service.organisation;
    await service.database.asOrganisation(organisationId, (tx) =>
      tx.execute(`UPDATE person SET email = $1, email_canonical = $1, is_admin = true WHERE id = $2`, [
        ADDRESS,
        everything['people'],
      ]),
    );
    const get = <T>(type: new (...parts: never[]) => T): T => service.app.get(type, { strict: false });
    const tokenOf = (link: string): string => new URL(link).hash.slice(1);
    const shown = await get(Links).makeForCommandLine(organisationId, ADDRESS);
    const unused = await get(Links).makeForCommandLine(organisationId, ADDRESS);
    const by = { by: { kind: 'operator' as const } };
    const setUp = await get(SetUpLinks).make(organisationId, { kinds: ['sso'], note: 'For IT.' } as never, by);
    const tokens = [shown.url, unused.url, setUp.url].map(tokenOf);
    expect(tokens.map((token) => token.length > 60)).toEqual([true, true, true]);

    const signed = browser();
    expect((await signed.api('POST', '/api/v1/sign-in/link/use', { token: tokens[0] })).status).toBeLessThan(300);
    expect((await browser().api('POST', '/api/v1/set-up/open', { token: tokens[2] })).status).toBeLessThan(300);
    // In every wrong way: used again, cut off, where it does not belong.
    for (const token of tokens) {
      await browser().api('POST', '/api/v1/sign-in/link/use', { token });
      await browser().api('POST', '/api/v1/sign-in/link/use', { token: token.slice(0, -3), more: token });
      await browser().api('POST', '/api/v1/sign-in/first', { token, email: token, firstName: 'F', lastName: 'L' });
      await browser().api('GET', `/sign-in/link?token=${token}`);
      await browser().api('POST', '/api/v1/set-up/open', { token: token.slice(5) });
    }
    const sessionCookie = signed.cookies.get(cookieName('session', publicSiteOf(config.server))) ?? '';
    expect(sessionCookie.length).toBeGreaterThan(60);
    await browser().api('POST', '/api/v1/sign-in/link', { email: ADDRESS });
    const used = await signInBySecret(signed);
    expect(used.map((text) => text.length > 20)).toEqual(used.map(() => true));
    const provider = {
      preset: 'generic',
      name: 'P',
      issuer: 'https://127.0.0.1:1',
      clientId: 'c',
      clientSecret: CLIENT_SECRET,
    };
    await signed.api('POST', '/api/v1/identity-providers', provider);
    await signed.api('POST', '/api/v1/identity-providers', { ...provider, issuer: CLIENT_SECRET, more: CLIENT_SECRET });
    const place = `${organisationId}/${everything['identity-providers'] ?? ''}`;
    for (const query of [
      `code=${CODE}&state=${CODE}`,
      `code=${CODE}&code=${CODE}`,
      `error=x&error_description=${CODE}`,
    ])
      await signed.api('GET', `/sign-in/callback/${place}?${query}`);
    await browser().api('POST', `/sign-in/back-channel-logout/${place}`, `logout_token=${LOGOUT_TOKEN}`, {
      'content-type': 'application/x-www-form-urlencoded',
    });
    const { operations, schemas } = operationsOf(service);
    for (const operation of operations.filter(({ stream, path }) => !stream && path !== '/api/v1/session')) {
      const choose = (field: string): string | undefined =>
        /secret/i.test(field)
          ? CLIENT_SECRET
          : /email/i.test(field)
            ? ADDRESS
            : field === 'token'
              ? tokens[1]
              : undefined;
      const body = operation.body ? exampleOf(operation.body, schemas, choose) : undefined;
      const path = fillPath(operation.path, (of) => everything[of] ?? '') + queryOf(operation, schemas);
      const jar = browser();
      for (const [name, value] of signed.cookies) jar.cookies.set(name, value);
      await jar.api(operation.method, path, body);
    }
    await until('the mail that was asked for', async () =>
      service.database.asMigrate(
        async (tx) =>
          (await tx.one<{ has: boolean }>('SELECT EXISTS (SELECT FROM mail WHERE body IS NOT NULL) AS has')).has,
      ),
    );

    expect(output).toContain('/api/v1/sign-in/link/use');
    const dump = await dumpOf(service.database);
    const heads = await readFile(join(folder, 'heads.jsonl'), 'utf8');
    // The first half of a token is the organisation's id, which is no secret.
    const secrets = [...tokens, sessionCookie].map((text) => text.split('.')[1] ?? '');
    expect(secrets.every((secret) => secret.length > 40)).toBe(true);
    for (const secret of [...secrets, ...used, CLIENT_SECRET, ACCESS_TOKEN, CODE, LOGOUT_TOKEN])
      for (const form of forms(secret)) {
        const where = [output.includes(form) ? 'log' : '', dump.includes(form) ? 'database' : '', heads.includes(form) ? 'heads' : '']; // prettier-ignore
        expect([form, where.join('')]).toEqual([form, '']);
      }
    for (const personal of [ADDRESS, encodeURIComponent(ADDRESS)]) expect(output.includes(personal)).toBe(false);
  });
});
