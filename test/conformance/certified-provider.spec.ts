import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DomainsService } from '../../src/organisations/domains.service.js';
import { newId } from '../../src/common/ids.js';
import { Jar } from '../support/jar.js';
import { type ProviderRig, type RigPerson, startProviderRig } from '../support/provider-rig.js';
import { startService, type TestService } from '../support/service.js';

jest.setTimeout(120_000);

const DOMAIN = 'maplewood.example';
const ADA: RigPerson = { sub: 'ada-1', email: `ada@${DOMAIN}`, given_name: 'Ada', family_name: 'Ek' };

let rig: ProviderRig;
let service: TestService;
let providerId: string;
let ada: string;

const rows = <Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> =>
  service.database.asOrganisation(service.organisation.id, (tx) => tx.query<Row>(text, values));

beforeAll(async () => {
  rig = await startProviderRig((sub) => (sub === ADA.sub ? ADA : undefined));
  service = await startService({
    config: { identityProviders: { insecureLoopback: true, allowedHosts: [new URL(rig.issuer).host] } },
  });
  const domains = service.app.get(DomainsService, { strict: false });
  await domains.verifyAsOperator(service.organisation.id, DOMAIN, 'a test', { by: { kind: 'operator' } });
  const made = await service.api<{ id: string; redirectUri: string }>('POST', '/api/v1/identity-providers', {
    preset: 'generic',
    name: 'The certified one',
    issuer: rig.issuer,
    clientId: rig.clientId,
    clientSecret: rig.clientSecret,
  });
  expect(made).toMatchObject({ status: 201 });
  const { id, redirectUri } = made.body;
  providerId = id;
  rig.register({
    redirectUri,
    backChannelUri: redirectUri.replace('/callback/', '/back-channel-logout/'),
    postLogoutUri: `${new URL(redirectUri).origin}/signed-out`,
  });
  ada = newId();
  await rows(
    `INSERT INTO person (organisation_id, id, state, origin, email, email_canonical, sort_name)
     VALUES (current_setting('rollcall.organisation_id')::uuid, $1, 'active', 'manual', $2, $2, $2)`,
    [ada, ADA.email],
  );
});
beforeEach(() => rows('DELETE FROM session'));
afterAll(async () => {
  await service.close();
  await rig[Symbol.asyncDispose]();
});

/** From our page to the provider, and back into a session. */
async function signIn(jar = new Jar(service), there = rig.newBrowser()) {
  const begun = await jar.api<{ url: string }>('POST', '/api/v1/sign-in/provider', {
    slug: service.organisation.slug,
    providerId,
  });
  expect(begun).toMatchObject({ status: 200 });
  const landed = await jar.go(await there.signIn(begun.body.url, ADA.sub));
  return { jar, there, landed };
}

const whoIs = async (jar: Jar): Promise<unknown> =>
  (await jar.api<{ person?: { id: string } }>('GET', '/api/v1/session')).body.person?.id ?? null;

describe('against a provider that is certified, and that nobody here wrote', () => {
  it('oidcc-client-test: a test sign-in shows what came back, and then the provider can be enabled', async () => {
    const path = `/api/v1/identity-providers/${providerId}`;
    expect(await service.api('POST', `${path}/enable`)).toMatchObject({ status: 409 });
    const jar = new Jar(service);
    const begun = await jar.api<{ url: string }>(
      'POST',
      `${path}/tests`,
      {},
      {
        authorization: `Bearer ${service.organisation.key}`,
      },
    );
    expect(begun).toMatchObject({ status: 201 });
    const { status, location } = await jar.go(await rig.newBrowser().signIn(begun.body.url, ADA.sub));
    expect([status, jar.cookie('session')]).toEqual([303, undefined]);
    expect(location).toContain('/');
    expect(await service.api('POST', `${path}/enable`)).toMatchObject({ status: 200, body: { state: 'active' } });
  });

  it('oidcc-client-test: signs the right person in', async () => {
    const { jar, landed } = await signIn();
    expect(landed.status).toBe(303);
    expect(await whoIs(jar)).toBe(ada);
    expect(await rows('SELECT subject, linked_by FROM identity_link')).toMatchObject([{ subject: ADA.sub }]);
  });

  it('oidcc-client-test-rp-init-logout: is over here before the browser goes to the provider, and then there', async () => {
    const { jar, there } = await signIn();
    const { body } = await jar.api<{ url: string }>('POST', '/api/v1/session/sign-out');
    expect(await whoIs(jar)).toBeNull();
    const back = await there.signOut(body.url);
    expect(new URL(back ?? '').pathname).toBe('/signed-out');
    // Signed out there too: it asks again who it is.
    const before = [...rig.hits].filter(([path]) => path.startsWith('/interaction/')).length;
    await signIn(jar, there);
    expect([...rig.hits].filter(([path]) => path.startsWith('/interaction/')).length).toBe(before + 1);
  });

  it('oidcc-client-test-rp-backchannel-rpinitlogout: a sign-out there ends the sessions here', async () => {
    const [first, other] = [await signIn(), await signIn()];
    const { body } = await first.jar.api<{ url: string }>('POST', '/api/v1/session/sign-out');
    expect(await whoIs(other.jar)).toBe(ada);
    // Another browser signs in on the same session of the provider, and is told of by the back-channel.
    const second = await signIn(new Jar(service), first.there);
    expect(await whoIs(second.jar)).toBe(ada);
    await first.there.signOut(body.url);
    expect(rig.notified).toContain('taken');
    expect(await whoIs(second.jar)).toBeNull();
    expect(await whoIs(other.jar)).toBe(ada);
  });

  it('oidcc-client-test-signing-key-rotation: the next sign-in after a new key goes well', async () => {
    await signIn();
    rig.rotate();
    expect(await whoIs((await signIn()).jar)).toBe(ada);
  });

  it('oidcc-client-test-signing-key-rotation-just-before-signing: so does one that is under way', async () => {
    const jar = new Jar(service);
    const begun = await jar.api<{ url: string }>('POST', '/api/v1/sign-in/provider', {
      slug: service.organisation.slug,
      providerId,
    });
    const back = await rig.newBrowser().signIn(begun.body.url, ADA.sub);
    rig.rotate();
    expect((await jar.go(back)).status).toBe(303);
    expect(await whoIs(jar)).toBe(ada);
  });
});
