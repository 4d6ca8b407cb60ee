import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cookieName } from '../../src/auth/cookies.js';
import { publicSiteOf } from '../../src/config/public-site.js';
import { ManualClock } from '../../src/common/clock.js';
import { Installation } from '../../src/organisations/installation.service.js';
import { Operators } from '../../src/organisations/operators.service.js';
import { Authenticator, type CreationOptions } from '../support/authenticator.js';
import { Jar } from '../support/jar.js';
import { startService, type TestService } from '../support/service.js';

const ORIGIN = 'https://rollcall.acme.example';
const WHO = { email: 'Grace@acme.example', firstName: 'Grace', lastName: 'Hopper' };

const clock = new ManualClock('2026-11-22T12:00:00.000Z');
let service: TestService;

beforeAll(async () => {
  service = await startService({ clock, config: { server: { publicUrl: ORIGIN, trustedProxies: ['127.0.0.1'] } } });
});
afterAll(() => service.close());

async function code(): Promise<string> {
  const link = await service.app.get(Installation, { strict: false }).firstOperatorLink();
  if (link === null) throw new Error('there is an operator already');
  return new URL(link.url).hash.slice(1);
}

const first = (jar: Jar, token: string) => jar.api('POST', '/api/v1/sign-in/first', { token, ...WHO });
const operators = () => service.app.get(Operators, { strict: false }).list();

describe('X-16 the first operator', () => {
  it('is nobody who guesses, comes too late, or has the code before', async () => {
    const dead = { status: 403, body: { code: 'sign_in.link_dead' } };
    const early = await code();
    const late = await code();
    expect(await first(new Jar(service, '203.0.113.1'), early)).toMatchObject(dead);
    clock.advance(30 * 60_000);
    expect(await first(new Jar(service, '203.0.113.2'), late)).toMatchObject(dead);
    expect(await first(new Jar(service, '203.0.113.3'), `${late.slice(0, 23)}${'A'.repeat(43)}`)).toMatchObject(dead);
    expect(await first(new Jar(service, '203.0.113.4'), 'x')).toMatchObject(dead);
    expect(await operators()).toEqual([]);
  });

  it('is one of two who come at the same time, and can do nothing before there is a passkey', async () => {
    const token = await code();
    const jars = [new Jar(service, '203.0.113.5'), new Jar(service, '203.0.113.6')];
    const before = await service.session();
    for (const jar of jars) jar.cookies.set(cookieName('session', publicSiteOf(service.config.server)), before.cookie);
    const answers = await Promise.all(jars.map((jar) => first(jar, token)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403]);
    const jar = jars[answers.findIndex(({ status }) => status === 200)] ?? new Jar(service);
    expect((await before.api('GET', '/api/v1/session')).body).toEqual({ signedIn: false });
    expect((await operators()).map(({ email }) => email)).toEqual([WHO.email]);
    expect((await jar.api('GET', '/api/v1/session')).body).toMatchObject({
      operator: true,
      strength: 'link',
      needs: 'passkey',
    });
    expect(await jar.api('GET', '/api/v1/operator/organisations')).toMatchObject({
      status: 403,
      body: { code: 'session.passkey_needed' },
    });

    const { body: options } = await jar.api<CreationOptions>('POST', '/api/v1/me/passkeys/options');
    const response = new Authenticator(ORIGIN).create(options);
    expect((await jar.api('POST', '/api/v1/me/passkeys', { name: 'Laptop', response })).status).toBe(201);
    expect((await jar.api('GET', '/api/v1/operator/organisations')).status).toBe(200);
    expect(await service.app.get(Installation, { strict: false }).firstOperatorLink()).toBeNull();
  });
});
