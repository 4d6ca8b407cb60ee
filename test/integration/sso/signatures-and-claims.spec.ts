import { describe, expect, it } from '@jest/globals';
import { createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { type Answered, newKey, startProvider } from '../../support/hostile-provider.js';
import { INSIDE, refused, SigningIn } from './signing-in.js';
import { placeOf } from './world.js';

const at = new SigningIn();

describe('the signature of an ID token', () => {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

  it.each(['none', 'None', 'HS256', 'HS384', 'HS512'])('O-21: alg %s is refused', async (alg) => {
    at.there.idToken = (payload) => {
      const text = `${encode({ alg, kid: 'one' })}.${encode(payload)}`;
      const hash = `sha${alg.slice(2)}`;
      const mac = alg.startsWith('HS')
        ? createHmac(hash, at.there.clientSecret).update(text).digest('base64url')
        : 'AA';
      return `${text}.${mac}`;
    };
    expect(await at.signIn()).toEqual(refused('algorithm'));
  });

  it('O-21: HS256 under the text of the public key is refused', async () => {
    at.there.idToken = (payload) => {
      const text = `${encode({ alg: 'HS256', kid: 'one' })}.${encode(payload)}`;
      const [key] = at.there.keys;
      const pem = createPublicKey({ key: key?.jwk as never, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
      return `${text}.${createHmac('sha256', pem).update(text).digest('base64url')}`;
    };
    expect(await at.signIn()).toEqual(refused('algorithm'));
  });

  it('O-21: one turned bit is refused', async () => {
    at.there.idToken = async (payload, sign) => {
      const [header, body, signature = ''] = (await sign(payload)).split('.');
      const bytes = Buffer.from(signature, 'base64url');
      bytes[10] = (bytes[10] ?? 0) ^ 1;
      return `${header}.${body}.${bytes.toString('base64url')}`;
    };
    expect(await at.signIn()).toEqual(refused('signature'));
  });

  it('O-21: another payload under a good signature is refused', async () => {
    at.there.idToken = async (payload, sign) => {
      const [header, , signature] = (await sign(payload)).split('.');
      return `${header}.${encode({ ...payload, sub: 'somebody else' })}.${signature}`;
    };
    expect(await at.signIn()).toEqual(refused('signature'));
  });

  it.each(['jwk', 'jku', 'x5u', 'x5c'])('O-21: a key in the header (%s) is not looked at', async (name) => {
    const own = newKey('own');
    const values: Record<string, unknown> = {
      jwk: own.jwk,
      jku: `${at.there.issuer}/own`,
      x5u: `${at.there.issuer}/own`,
      x5c: ['AAAA'],
    };
    at.there.idToken = async (payload) => {
      const shown = at.there.keys;
      at.there.keys = [{ ...own, kid: 'one' }];
      const token = await at.there.sign(payload, { [name]: values[name] as string });
      at.there.keys = shown;
      return token;
    };
    expect(await at.signIn()).toEqual(refused('signature'));
    expect(at.there.hits.get('/own')).toBeUndefined();
  });

  it('O-21: an extension that must be understood is refused', async () => {
    at.there.idToken = (payload) =>
      `${encode({ alg: 'RS256', kid: 'one', crit: ['b64'], b64: false })}.${encode(payload)}.AA`;
    expect(await at.signIn()).toEqual(refused('algorithm'));
  });

  it('O-21: an algorithm that the provider may not use is refused, though its key would do', async () => {
    at.there.discovery = (document) => ({ ...document, id_token_signing_alg_values_supported: ['RS256', 'PS256'] });
    at.provider = await at.world.connect(at.there, { settings: { algorithms: ['RS256'] } });
    at.there.idToken = (payload, sign) => sign(payload, { alg: 'PS256' });
    expect(await at.signIn()).toEqual(refused('algorithm'));
  });

  it('O-22: a key that is too short is refused', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    at.there.jwks = () => ({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'one' }] });
    at.there.idToken = async (payload, sign) => {
      expect(privateKey.asymmetricKeyDetails?.modulusLength).toBe(1024);
      return sign(payload);
    };
    expect(await at.signIn()).toEqual(refused('key'));
  });

  it('1.2 signing-key-rotation: a new key works at once, also one made just before it signs', async () => {
    expect(await at.signIn()).toEqual(INSIDE);
    at.there.rotate('two');
    expect(await at.signIn()).toEqual(INSIDE);
    at.there.idToken = (payload, sign) => {
      at.there.rotate('three');
      return sign(payload);
    };
    expect(await at.signIn()).toEqual(INSIDE);
  });

  it('1.2 kid-absent: is taken with one key, and refused with two', async () => {
    at.there.idToken = (payload, sign) => sign(payload, { kid: undefined as unknown as string });
    expect(await at.signIn()).toEqual(INSIDE);
    at.world.clock.advance(600_000);
    at.there.keys = [...at.there.keys, newKey('two')];
    expect(await at.signIn()).toEqual(refused('key'));
  });
});

describe('what an ID token and UserInfo say', () => {
  it.each([
    ['1.2 invalid-iss', { iss: 'https://other.example' }, 'claims_iss'],
    ['1.2 missing-sub', { sub: undefined }, 'claims_sub'],
    ['1.2 invalid-aud', { aud: 'somebody else' }, 'audience'],
    ['1.2 missing-aud', { aud: undefined }, 'claims_aud'],
    ['1.2 missing-iat', { iat: undefined }, 'claims_iat'],
    ['1.2 nonce-invalid', { nonce: 'another' }, 'nonce'],
    ['FAPI2 expired', { exp: 1_700_000_000 }, 'time'],
    ['FAPI2 missing exp', { exp: undefined }, 'claims_exp'],
    ['1.1 an object as subject', { sub: {} }, 'claims_sub'],
    ['O-27 at_hash', { at_hash: 'AAAA' }, 'claims_at_hash'],
  ])('%s is refused', async (_name, claims, because) => {
    Object.assign(at.there.claims, claims);
    expect(await at.signIn()).toEqual(refused(because));
  });

  const withUserInfo = async (userInfo: () => Answered): Promise<void> => {
    at.there.userInfo = userInfo;
    at.there.claims = { sub: 'subject-1' };
    at.provider = await at.world.connect(at.there);
    // What the issuer says of itself is kept for an hour.
    at.world.clock.advance(3_600_001);
  };

  async function identity() {
    const { url, cookie } = await at.world.begin(at.provider);
    const path = at.there.authorize(url);
    return (await at.world.party.complete(at.world.callback(path, cookie), placeOf(path))).identity;
  }

  it('1.2 scope-userinfo-claims: names and address come from UserInfo when the token has none', async () => {
    await withUserInfo(() => ({
      body: { sub: 'subject-1', email: 'b@acme.example', email_verified: true, given_name: 'Bo', user_id: 'x' },
    }));
    expect(await identity()).toMatchObject({
      subject: 'subject-1',
      email: 'b@acme.example',
      emailVerified: true,
      firstName: 'Bo',
    });
  });

  it.each([
    ['another subject', { sub: 'other' }],
    ['no subject', { email: 'a@b.example' }],
    ['a number', { sub: 1 }],
    ['a list', { sub: ['subject-1'] }],
    ['user_id alone', { user_id: 'subject-1' }],
  ])('O-28, 1.2 userinfo-invalid-sub: %s ends the sign-in', async (_name, body) => {
    await withUserInfo(() => ({ body }));
    expect(await at.signIn()).toEqual(refused('userinfo_subject'));
  });

  it.each<[string, Answered]>([
    ['HTML', { type: 'text/html', body: '<html>' }],
    ['no JSON', { body: '{"sub":' }],
    ['nothing', { status: 204, body: '' }],
    ['a redirect', { status: 302, headers: { location: '/x' }, body: {} }],
    ['a list', { body: [{ sub: 'subject-1' }] }],
    ['a refusal', { status: 403, body: { sub: 'subject-1' } }],
  ])('O-28: UserInfo that is %s ends the sign-in', async (_name, answer) => {
    await withUserInfo(() => answer);
    expect(await at.signIn()).toEqual(refused('userinfo_answer'));
  });

  it('O-29: verified in one document says nothing of the address in the other', async () => {
    await withUserInfo(() => ({ body: { sub: 'subject-1', email: 'b@x.example' } }));
    at.there.claims = { sub: 'subject-1', email_verified: true };
    expect(await identity()).toMatchObject({ email: 'b@x.example', emailVerified: false });
    at.there.claims = { sub: 'subject-1', email: 'a@x.example' };
    at.there.userInfo = () => ({
      body: { sub: 'subject-1', email: 'b@x.example', email_verified: true, given_name: 'B' },
    });
    expect(await identity()).toMatchObject({ email: 'a@x.example', emailVerified: false, firstName: 'B' });
  });

  it('O-44: a domain or a tenant is taken from the token alone', async () => {
    await withUserInfo(() => ({ body: { sub: 'subject-1', hd: 'acme.example', tid: 't', email: 'a@acme.example' } }));
    expect(await identity()).toMatchObject({ hostedDomain: null, tenant: null });
  });

  it('O-73: a step-up needs a fresh sign-in, by our clock', async () => {
    const now = () => Math.floor(at.world.clock.now().getTime() / 1000);
    const stepUp = () => at.signIn(undefined, { purpose: 'step_up', maxAge: 0, sessionId: at.provider.id });
    expect(await stepUp()).toEqual({ because: 'no_auth_time', code: 'session.provider_cannot_step_up' });
    at.there.claims['auth_time'] = now() - 61;
    expect(await stepUp()).toEqual(refused('time'));
    at.there.claims['auth_time'] = now() + 61;
    expect(await stepUp()).toEqual(refused('time'));
    at.there.claims['auth_time'] = String(now());
    expect(await stepUp()).toEqual(refused('claims_auth_time'));
    at.there.claims['auth_time'] = now();
    expect(await stepUp()).toEqual(INSIDE);
    const { url } = await at.world.begin(at.provider, { purpose: 'step_up', maxAge: 0, sessionId: at.provider.id });
    expect(Object.fromEntries(new URL(url).searchParams)).toMatchObject({ max_age: '0', prompt: 'login' });
  });

  it('O-45: a tenant’s issuer takes its own tenant alone, and knows people by oid', async () => {
    const tenant = '11111111-2222-3333-4444-555555555555';
    await using tenanted = await startProvider({ path: `/${tenant}/v2.0`, now: () => at.world.clock.now() });
    at.provider = await at.world.connect(tenanted, { preset: 'microsoft', settings: { algorithms: ['RS256'] } });
    const path = async () => {
      const { url, cookie } = await at.world.begin(at.provider);
      const back = tenanted.authorize(url);
      return at.outcomeOf(back, cookie);
    };
    tenanted.claims = { sub: 'pairwise', oid: 'object-1', tid: 'another' };
    expect(await path()).toEqual(refused('claims_tid'));
    tenanted.claims = { sub: 'pairwise', oid: 'object-1' };
    expect(await path()).toEqual(refused('claims_tid'));
    tenanted.claims = { sub: 'pairwise', tid: tenant };
    expect(await path()).toEqual(refused('claims_oid'));
    tenanted.claims = { sub: 'pairwise', oid: 'object-1', tid: tenant };
    expect(await path()).toEqual(INSIDE);
  });
});
