import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConnectorsService } from '../../src/connections/connectors.service.js';
import { DomainsService } from '../../src/organisations/domains.service.js';
import { makeOktaWorld, type OktaWorld } from '../contract/okta-world.js';
import { dumpOf } from '../support/dump-of.js';
import type { Answer } from '../support/service.js';
import { ownConnections, token, TOKEN, type View } from './connection-helpers.js';

const { api, at, confirm, create } = ownConnections();

describe('K-04 credentials only go in', () => {
  it('are shown by their ids alone, on no route by themselves', async () => {
    const { id } = await create({ credentials: token() });
    for (const path of ['/api/v1/connections', `/api/v1/connections/${id}`, `/api/v1/connections/${id}/set-up-steps`]) {
      expect((await api('GET', path)).text).not.toContain(TOKEN);
    }
    const { body } = await api<View>('GET', `/api/v1/connections/${id}`);
    expect(body.credentials?.shown).toEqual({ method: 'token', orgUrl: 'https://okta.acme.example', token: 'set' });
  });

  it('a stored secret does not go to a new address: it has to be entered again', async () => {
    const { id } = await create({ credentials: token() });
    const put = (credentials: object): Promise<Answer<View>> =>
      api<View>('PUT', `/api/v1/connections/${id}/credentials`, { credentials });
    const elsewhere = await put({ method: 'token', orgUrl: 'https://evil.example' });
    expect([elsewhere.status, elsewhere.body.code]).toEqual([400, 'request.invalid']);
    expect((await put({ method: 'token', orgUrl: 'https://okta.acme.example' })).status).toBe(200);
    expect((await put(token('https://other.acme.example'))).status).toBe(200);
  });

  it('a key pair is made on request, and only its public half is shown', async () => {
    const { id } = await create();
    const { body } = await api<View>('PUT', `/api/v1/connections/${id}/credentials`, {
      credentials: { method: 'key', orgUrl: 'https://okta.acme.example' },
    });
    const jwk = body.credentials?.shown['publicJwk'] as Record<string, unknown>;
    expect(Object.keys(jwk).filter((name) => ['d', 'p', 'q', 'dp', 'dq', 'qi'].includes(name))).toEqual([]);
    expect(jwk['n']).toEqual(expect.any(String));
    const steps = await api('GET', `/api/v1/connections/${id}/set-up-steps`);
    expect(steps.text).toContain(String(jwk['kid']));
  });

  it.each([
    ['no method', {}],
    ['another method', { method: 'password', orgUrl: 'https://okta.acme.example', token: TOKEN }],
    ['a field too many', { ...token(), admin: true }],
    ['no token', { method: 'token', orgUrl: 'https://okta.acme.example' }],
    ['an address that is none', { ...token(), orgUrl: 'file:///etc/passwd' }],
    ['an address with a password', { ...token(), orgUrl: `https://u:${TOKEN}@okta.acme.example` }],
  ])('%s is refused without repeating what was sent', async (_name, credentials) => {
    const { id } = await create();
    const answer = await api<View>('PUT', `/api/v1/connections/${id}/credentials`, { credentials });
    expect([answer.status, answer.body.code]).toEqual([400, 'request.invalid']);
    expect(answer.text).not.toContain(TOKEN);
  });

  it('new ones mend what needed attention, and wait for the same tenant', async () => {
    const { id } = await create({ credentials: token() });
    await confirm(id);
    await at.service.database.asOrganisation(at.organisation.id, (tx) =>
      tx.execute(
        `UPDATE connection SET attention = '{"code":"unauthorized","message":"Renew the token.","since":"2026-01-01T00:00:00.000Z"}', failures = 3 WHERE id = $1`,
        [id],
      ),
    );
    expect((await api<View>('GET', `/api/v1/connections/${id}`)).body.health).toMatchObject({
      status: 'attention',
      message: 'Renew the token.',
    });
    const { body } = await api<View>('PUT', `/api/v1/connections/${id}/credentials`, { credentials: token() });
    expect([body.health.attention, body.health.status]).toEqual([null, 'healthy']);
  });
});

describe('K-01 and K-05 credentials at rest', () => {
  it('moved to another row or organisation, they do not open', async () => {
    const other = await at.service.newOrganisation();
    const theirs = await other.api<View>('POST', '/api/v1/connections', {
      provider: 'okta',
      name: 'x',
      credentials: token(),
    });
    const one = await create({ credentials: token() });
    const two = await create({ credentials: token() });
    const move = (from: string, to: string): Promise<unknown> =>
      at.service.database.asMigrate((tx) =>
        tx.execute(
          `UPDATE connection SET credentials = (SELECT credentials FROM connection WHERE id = $1) WHERE id = $2`,
          [from, to],
        ),
      );
    const connectors = at.service.app.get(ConnectorsService, { strict: false });
    for (const from of [two.id, theirs.body.id]) {
      await move(from, one.id);
      await expect(connectors.connectorFor(at.organisation.id, one.id)).rejects.toMatchObject({
        code: 'secret.unreadable',
      });
      expect((await api<View>('POST', `/api/v1/connections/${one.id}/test`)).status).toBe(500);
    }
    const connector = await connectors.connectorFor(at.organisation.id, two.id);
    await connector.close();
  });

  it('nowhere in the database is a secret that could be used', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    await create({ credentials: token() });
    const google = {
      type: 'service_account',
      client_email: 'sync@acme.iam.gserviceaccount.com',
      client_id: '123456789012345678901',
      private_key: pem,
    };
    const made = await api('POST', '/api/v1/connections', {
      provider: 'google',
      name: 'Workspace',
      credentials: { method: 'key', subject: 'admin@acme.example', key: google },
    });
    expect(made.status).toBe(201);
    const dump = await dumpOf(at.service.database);
    expect(dump).toContain('sync@acme.iam.gserviceaccount.com');
    for (const canary of [TOKEN, pem.split('\n')[3] ?? '', at.organisation.key, at.organisation.key.slice(16)]) {
      for (const form of [
        canary,
        Buffer.from(canary).toString('base64').replace(/=+$/, ''),
        Buffer.from(canary).toString('hex'),
      ]) {
        expect(dump.includes(form)).toBe(false);
      }
    }
  });
});

describe('S-27 and the installation’s own account', () => {
  it('reads a directory only where its domain is proved to be the organisation’s', async () => {
    const made = await api<View>('POST', '/api/v1/connections', {
      provider: 'google',
      name: 'Workspace',
      credentials: { method: 'installation', subject: 'admin@victim.example' },
    });
    const test = async (): Promise<Answer<{ passed: boolean; checks: { message: string }[] }>> =>
      api('POST', `/api/v1/connections/${made.body.id}/test`);
    const before = await test();
    expect([before.status, before.body.passed]).toEqual([200, false]);
    expect(before.body.checks[0]?.message).toContain('victim.example');
    const domains = at.service.app.get(DomainsService, { strict: false });
    await domains.verifyAsOperator(at.organisation.id, 'victim.example', 'their contract');
    const after = await test();
    expect(after.text).not.toContain('is not verified for this organisation');
  });
});

describe('Test connection', () => {
  let world: OktaWorld;
  beforeAll(async () => {
    world = await makeOktaWorld({ people: 20 });
  });
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
  });

  it('says line by line what works', async () => {
    const { id } = await create({ credentials: world.credentials() });
    const { body } = await api<{ passed: boolean; checks: { outcome: string }[] }>(
      'POST',
      `/api/v1/connections/${id}/test`,
    );
    expect([body.passed, body.checks.length > 1]).toEqual([true, true]);
  });

  it('says what to mend when the token is wrong, and does not repeat it', async () => {
    const { id } = await create({ credentials: { ...world.credentials(), token: TOKEN } });
    const answer = await api<{ passed: boolean }>('POST', `/api/v1/connections/${id}/test`);
    expect([answer.status, answer.body.passed]).toEqual([200, false]);
    expect(answer.text).not.toContain(TOKEN);
  });
});
