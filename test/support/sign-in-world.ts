import { DomainsService } from '../../src/organisations/domains.service.js';
import { newId } from '../../src/common/ids.js';
import type { Clock } from '../../src/common/clock.js';
import { startProvider, type TestProvider } from './hostile-provider.js';
import { Jar } from './jar.js';
import { startService, type TestOrganisation, type TestService } from './service.js';

export const DOMAIN = 'maplewood.example';

/** Somebody whom the issuer knows, with an address that it has verified. */
export const ADA = {
  sub: 'ada-1',
  email: `ada@${DOMAIN}`,
  email_verified: true,
  given_name: 'Ada',
  family_name: 'Ek',
};

export interface NewPerson {
  email?: string;
  state?: 'pending' | 'active' | 'archived';
  admin?: boolean;
  origin?: string;
  organisationId?: string;
}

/** A service, an issuer, and an organisation whose people sign in there; its domain is verified. */
export interface SignInWorld extends AsyncDisposable {
  service: TestService;
  issuer: TestProvider;
  organisation: TestOrganisation;
  providerId: string;
  jar(): Jar;
  /** A provider of an organisation at the issuer, enabled. */
  provider(organisation: TestOrganisation, change?: Record<string, unknown>): Promise<string>;
  person(facts?: NewPerson): Promise<string>;
  /** Whoever the issuer says comes to the organisation and back. */
  signIn(who: Record<string, unknown>, options?: SignInOptions): Promise<Landed>;
  rows<Row extends object>(text: string, values?: unknown[], organisationId?: string): Promise<Row[]>;
  settings(change: Record<string, unknown>): Promise<void>;
}

export interface SignInOptions {
  jar?: Jar;
  organisation?: TestOrganisation;
  providerId?: string;
  returnTo?: string;
  /** Between the moment when the issuer sends the browser back and the moment when it arrives. */
  meanwhile?: () => Promise<unknown>;
}

export interface Landed {
  status: number;
  location: string | null;
  text: string;
  jar: Jar;
  /** Who is signed in with the browser now; null: nobody. */
  personId: string | null;
  /** From the page of a refusal. */
  code: string | null;
}

export async function startSignInWorld(
  options: { clock?: Clock; config?: Record<string, unknown>; issuer?: TestProvider } = {},
): Promise<SignInWorld> {
  const { clock } = options;
  const issuer = options.issuer ?? (await startProvider(clock ? { now: () => clock.now() } : {}));
  issuer.userInfo ??= () => ({ body: { sub: issuer.claims['sub'] } });
  const config = { ...configFor(issuer), ...options.config };
  const service = await startService({ config, ...(clock ? { clock } : {}) });
  const { organisation, database } = service;
  const rows: SignInWorld['rows'] = (text, values = [], organisationId = organisation.id) =>
    database.asOrganisation(organisationId, (tx) => tx.query(text, values));
  const domains = service.app.get(DomainsService, { strict: false });
  await domains.verifyAsOperator(organisation.id, DOMAIN, 'a test', { by: { kind: 'operator' } });

  const provider: SignInWorld['provider'] = (of, change = {}) => enabledProvider(service, issuer, of, change);
  const providerId = await provider(organisation);

  const person: SignInWorld['person'] = async (facts = {}) => {
    const { email = ADA.email, state = 'active', admin = false, origin = 'manual' } = facts;
    const id = newId();
    const archived = state === 'archived';
    await rows(
      `INSERT INTO person (organisation_id, id, state, origin, email, email_canonical, sort_name, is_admin, archive_reasons, archived_at)
       VALUES (current_setting('rollcall.organisation_id')::uuid, $1, $2, $3, $4, $4, $4, $5, $6, $7)`,
      [id, state, origin, email, admin, archived ? ['admin'] : [], archived ? new Date() : null],
      facts.organisationId,
    );
    return id;
  };

  const signIn: SignInWorld['signIn'] = (who, at = {}) =>
    signInAt(service, issuer, who, { organisation, providerId, ...at });

  return {
    service,
    issuer,
    organisation,
    providerId,
    jar: () => new Jar(service),
    provider,
    person,
    signIn,
    rows,
    settings: async (change) => {
      await rows('UPDATE identity_provider SET settings = settings || $1::jsonb', [JSON.stringify(change)]);
    },
    [Symbol.asyncDispose]: async () => {
      await service.close();
      await issuer[Symbol.asyncDispose]();
    },
  };
}

/** A provider of an organisation at an issuer, enabled as after a test that passed. */
export async function enabledProvider(
  service: TestService,
  issuer: TestProvider,
  organisation: TestOrganisation,
  change: Record<string, unknown> = {},
): Promise<string> {
  const { status, body } = await organisation.api<{ id: string }>('POST', '/api/v1/identity-providers', {
    preset: 'generic',
    name: 'Maplewood',
    issuer: issuer.issuer,
    clientId: issuer.clientId,
    clientSecret: issuer.clientSecret,
    ...change,
  });
  if (status !== 201) throw new Error(`no provider was made: ${JSON.stringify(body)}`);
  await service.database.asOrganisation(organisation.id, (tx) =>
    tx.execute(`UPDATE identity_provider SET state = 'active', tested_at = now() WHERE id = $1`, [body.id]),
  );
  return body.id;
}

/** Whoever the issuer says, from the page of an organisation to the issuer and back. */
export async function signInAt(
  service: TestService,
  issuer: TestProvider,
  who: Record<string, unknown>,
  at: SignInOptions & { organisation: TestOrganisation; providerId: string },
): Promise<Landed> {
  const jar = at.jar ?? new Jar(service);
  const started = await jar.api<{ url: string }>('POST', '/api/v1/sign-in/provider', {
    slug: at.organisation.slug,
    providerId: at.providerId,
    ...(at.returnTo === undefined ? {} : { returnTo: at.returnTo }),
  });
  if (started.status !== 200) throw new Error(`no sign-in began: ${started.text}`);
  return comeBack(jar, issuer, started.body.url, who, at.meanwhile);
}

/** Of a service whose people sign in at this issuer, on this machine. */
export function configFor(issuer: TestProvider): {
  identityProviders: { insecureLoopback: true; allowedHosts: string[] };
} {
  return { identityProviders: { insecureLoopback: true, allowedHosts: [new URL(issuer.issuer).host] } };
}

/** Goes to the issuer, where somebody signs in, and back to the service. */
export async function comeBack(
  jar: Jar,
  issuer: TestProvider,
  url: string,
  who: Record<string, unknown>,
  meanwhile?: () => Promise<unknown>,
): Promise<Landed> {
  issuer.claims = who;
  // Who signs in goes along with the code: somebody else may be on their way there at the same moment.
  const back = issuer.authorize(url, undefined, who);
  await meanwhile?.();
  const { status, location, text } = await jar.go(back);
  const session = await jar.api<{ person?: { id: string } | null }>('GET', '/api/v1/session');
  const code = /Code for your admin: ([a-z_.]+)/u.exec(text)?.[1] ?? null;
  return { status, location, text, jar, personId: session.body.person?.id ?? null, code };
}
