import { isDeepStrictEqual } from 'node:util';
import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../common/clock.js';
import { Database } from '../database/database.service.js';
import { IdentityProvidersRepository } from './identity-providers.repository.js';
import type { IdentityProvider } from './identity-providers.types.js';
import { objectOf, ProviderHttp, ProviderRefused } from './provider-http.js';
import { discoveryUrl, type ProviderMetadata, readMetadata } from './provider-metadata.js';
import { SignInFault } from './sign-in-fault.js';

const KEPT_MS = 3_600_000;
/** After a failure the last good answer serves for so long before the provider is asked again. */
const RETRY_MS = 60_000;
const MOST = 2_000;

interface Kept {
  metadata: ProviderMetadata;
  until: number;
}

/** What issuers say of themselves, kept for an hour. */
@Injectable()
export class Discovery {
  private readonly kept = new Map<string, Kept>();
  private readonly under = new Map<string, Promise<ProviderMetadata>>();

  constructor(
    private readonly http: ProviderHttp,
    private readonly database: Database,
    private readonly providers: IdentityProvidersRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Asks the issuer now. @throws {SignInFault} `issuer`, `discovery` or `provider_…` */
  async read(issuer: string): Promise<ProviderMetadata> {
    const metadata = readMetadata(await this.document(issuer), issuer, (url) => this.http.check(url));
    this.keep(issuer, metadata, KEPT_MS);
    return metadata;
  }

  /**
   * What a provider's issuer says, at most an hour old. While it does not answer, what it said last (O-65).
   *
   * @throws {SignInFault} `issuer`, `discovery`, `token_host` or `provider_…`
   */
  async of(provider: IdentityProvider): Promise<ProviderMetadata> {
    const metadata = this.fresh(provider.issuer) ?? (await this.refreshed(provider));
    // Whoever answers for the issuer now must not get a secret that was given for another host (K-04).
    const before = provider.discovery;
    if (before !== null && new URL(before.tokenEndpoint).host !== new URL(metadata.tokenEndpoint).host)
      throw new SignInFault(
        'token_host',
        'The issuer’s token endpoint has moved to another host; set the secret again.',
      );
    if (!isDeepStrictEqual(before, metadata)) await this.store(provider, metadata);
    return metadata;
  }

  private async refreshed(provider: IdentityProvider): Promise<ProviderMetadata> {
    try {
      return await this.once(provider.issuer);
    } catch (error) {
      const silent =
        error instanceof SignInFault && (error.because === 'provider_unreachable' || error.because === 'provider_slow');
      if (!silent || provider.discovery === null) throw error;
      this.keep(provider.issuer, provider.discovery, RETRY_MS);
      return provider.discovery;
    }
  }

  private once(issuer: string): Promise<ProviderMetadata> {
    const under = this.under.get(issuer);
    if (under) return under;
    const asked = this.read(issuer).finally(() => this.under.delete(issuer));
    this.under.set(issuer, asked);
    return asked;
  }

  private async document(issuer: string): Promise<unknown> {
    let answer;
    try {
      answer = await this.http.ask('document', discoveryUrl(issuer));
    } catch (error) {
      if (error instanceof ProviderRefused) throw new SignInFault('discovery', error.message, { cause: error });
      throw error;
    }
    if (answer.status === 429 || answer.status >= 500)
      throw new SignInFault('provider_unreachable', 'The issuer does not answer at the moment.');
    const document = answer.status === 200 ? objectOf(answer.text) : null;
    if (document === null) throw new SignInFault('discovery', 'The issuer says nothing of itself in JSON.');
    return document;
  }

  private fresh(issuer: string): ProviderMetadata | null {
    const kept = this.kept.get(issuer);
    return kept && kept.until > this.clock.now().getTime() ? kept.metadata : null;
  }

  private keep(issuer: string, metadata: ProviderMetadata, forMs: number): void {
    const [oldest] = this.kept.keys();
    if (this.kept.size >= MOST && oldest !== undefined) this.kept.delete(oldest);
    this.kept.delete(issuer);
    this.kept.set(issuer, { metadata, until: this.clock.now().getTime() + forMs });
  }

  private store(provider: IdentityProvider, metadata: ProviderMetadata): Promise<void> {
    return this.database.asOrganisation(provider.organisationId, (tx) =>
      this.providers.setDiscovery(tx, provider.id, metadata, this.clock.now()),
    );
  }
}
