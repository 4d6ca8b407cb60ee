import type { Request } from 'express';
import { ClientSecrets } from '../../../src/sso/client-secrets.service.js';
import { Discovery } from '../../../src/sso/discovery.service.js';
import { IdentityProvidersRepository } from '../../../src/sso/identity-providers.repository.js';
import type { IdentityProvider, IdentityProviderSettings } from '../../../src/sso/identity-providers.types.js';
import { RelyingParty } from '../../../src/sso/relying-party.service.js';
import type { AttemptOrder, BegunAttempt } from '../../../src/sso/sso.types.js';
import { ManualClock } from '../../../src/common/clock.js';
import { newId } from '../../../src/common/ids.js';
import { startService, type TestService } from '../../support/service.js';
import type { TestProvider } from '../../support/hostile-provider.js';

export const SETTINGS: IdentityProviderSettings = {
  clientAuth: 'client_secret_basic',
  algorithms: ['RS256', 'ES256'],
  trustedAudiences: [],
  acrValues: [],
  amrValues: [],
  hostedDomains: [],
  emailVerifiedAsText: false,
  linkByEmail: true,
  justInTime: false,
  maxSessionHours: null,
};

/** The service with providers made in its database, and time that a test moves. */
export interface SsoWorld extends AsyncDisposable {
  service: TestService;
  clock: ManualClock;
  party: RelyingParty;
  /** An active provider of an organisation. */
  connect(
    provider: TestProvider,
    options?: {
      organisationId?: string;
      preset?: string;
      settings?: Partial<IdentityProviderSettings>;
      state?: string;
    },
  ): Promise<IdentityProvider>;
  begin(provider: IdentityProvider, order?: Partial<AttemptOrder>): Promise<BegunAttempt>;
  /** The request with which a browser comes back. */
  callback(path: string, cookie: BegunAttempt['cookie'] | null): Request;
}

/** @param wholeTimeoutMs How long a provider may take; shorter than it is outside, for those that never answer. */
export async function startSsoWorld(wholeTimeoutMs = 10_000): Promise<SsoWorld> {
  const clock = new ManualClock(new Date());
  const service = await startService({
    clock,
    config: { identityProviders: { insecureLoopback: true, wholeTimeoutMs } },
  });
  const get = <T>(type: abstract new (...args: never[]) => T): T => service.app.get(type as never, { strict: false });
  const providers = get(IdentityProvidersRepository);
  const secrets = get(ClientSecrets);
  const party = get(RelyingParty);
  const { secure } = { secure: service.config.server.publicUrl?.startsWith('https:') ?? false };
  return {
    service,
    clock,
    party,
    async connect(
      provider,
      { organisationId = service.organisation.id, preset = 'generic', settings, state = 'active' } = {},
    ) {
      const id = newId();
      const metadata = await get(Discovery).read(provider.issuer);
      return service.database.asOrganisation(organisationId, async (tx) => {
        await tx.execute('UPDATE organisation SET sso = true WHERE id = $1', [organisationId]);
        await providers.insert(tx, {
          id,
          preset,
          name: 'A provider',
          issuer: provider.issuer,
          clientId: provider.clientId,
          settings: { ...SETTINGS, ...settings },
          connectionId: null,
          domains: [],
          discovery: metadata,
          createdAt: clock.now(),
        });
        await secrets.store(tx, { organisationId, id }, { kind: 'secret', value: provider.clientSecret }, clock.now());
        const tested = await providers.find(tx, id);
        if (tested) await providers.setTested(tx, tested, { at: clock.now(), stepsUp: true });
        await providers.setState(tx, id, state as IdentityProvider['state'], clock.now());
        const made = await providers.find(tx, id);
        if (made === null) throw new Error('the provider was not made');
        return made;
      });
    },
    begin: (provider, order = {}) =>
      party.begin({
        organisationId: provider.organisationId,
        providerId: provider.id,
        purpose: 'sign_in',
        returnTo: '/',
        loginHint: null,
        sessionId: null,
        maxAge: null,
        ...order,
      }),
    callback(path, cookie) {
      const name = cookie === null ? '' : `${secure ? '__Host-' : ''}rollcall-${cookie.name}=${cookie.value}`;
      return {
        originalUrl: path,
        headers: { cookie: name },
        socket: { remoteAddress: '127.0.0.1' },
        id: newId(),
      } as unknown as Request;
    },
    async [Symbol.asyncDispose]() {
      await service.close();
    },
  };
}

/** Who a path of a callback is for. */
export function placeOf(path: string): { organisationId: string; providerId: string } {
  const [, , , organisationId = '', providerId = ''] = (path.split('?')[0] ?? '').split('/');
  return { organisationId, providerId };
}
