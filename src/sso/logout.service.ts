import { randomBytes } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { digestOf } from '../auth/secret-text.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { publicSiteOf } from '../config/public-site.js';
import { Database } from '../database/database.service.js';
import type { Tx } from '../database/tx.js';
import { addressesOf } from './addresses.js';
import { allowedAlgorithms } from './code-flow.service.js';
import { Discovery } from './discovery.service.js';
import { IdTokens } from './id-token.service.js';
import { IdentityProvidersRepository } from './identity-providers.repository.js';
import type { IdentityProvider } from './identity-providers.types.js';
import { judgeLogoutToken, type LoggedOut } from './logout-token.js';
import { aliasOf, presetOf } from './presets.js';
import { SignInFault } from './sign-in-fault.js';

/** A logout token is taken for ten minutes and some skew; its id is remembered for longer. */
const REMEMBERED_MS = 12 * 60_000;

/** Signing out together with the provider, in both directions. Sessions themselves are ended elsewhere. */
@Injectable()
export class Logout {
  private readonly logger = new Logger('SignOut');

  constructor(
    private readonly database: Database,
    private readonly providers: IdentityProvidersRepository,
    private readonly discovery: Discovery,
    private readonly idTokens: IdTokens,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Where a browser ends its session at the provider (O-69), of what is known already; null where there is no such place. */
  async url(tx: Tx, session: { providerId: string; idToken: string | null }): Promise<string | null> {
    const provider = await this.providers.find(tx, session.providerId);
    const endpoint = provider?.discovery?.endSessionEndpoint ?? null;
    if (provider === null || endpoint === null) return null;
    const url = new URL(endpoint);
    const { postLogoutUri } = addressesOf(publicSiteOf(this.config.server), provider);
    if (session.idToken !== null) url.searchParams.set('id_token_hint', session.idToken);
    url.searchParams.set('client_id', provider.clientId);
    url.searchParams.set('post_logout_redirect_uri', postLogoutUri);
    url.searchParams.set('state', randomBytes(32).toString('base64url'));
    return url.href;
  }

  /**
   * Judges a logout token that a provider sent (O-70). Whoever acts on it uses it up in the same transaction.
   *
   * @throws {RollcallError} `sign_in.logout_token_invalid`, whatever is wrong with it.
   */
  async token(organisationId: string, providerId: string, token: string): Promise<LoggedOut> {
    try {
      const provider = await this.trusted(organisationId, providerId);
      return await this.open(provider, token);
    } catch (error) {
      if (!(error instanceof SignInFault)) throw error;
      throw this.refused(providerId, error);
    }
  }

  /**
   * Uses a logout token up. What fails with this transaction leaves it good: the provider sends it again.
   *
   * @throws {RollcallError} `sign_in.logout_token_invalid` when it was used before.
   */
  async useUp(tx: Tx, providerId: string, { jti, issuedAt }: LoggedOut): Promise<void> {
    const until = new Date(issuedAt * 1000 + REMEMBERED_MS + this.config.identityProviders.clockSkewSeconds * 1000);
    if (await this.providers.rememberLogout(tx, providerId, digestOf(jti), until)) return;
    throw this.refused(providerId, new SignInFault('claims_jti', 'The logout token was used before.'));
  }

  private refused(providerId: string, fault: SignInFault): RollcallError {
    this.logger.warn(`identity provider ${providerId}: ${fault.because}: ${fault.message}`);
    const sentence = 'The logout token is not one that is taken.';
    return new RollcallError('sign_in.logout_token_invalid', sentence, undefined, { cause: fault });
  }

  private async trusted(organisationId: string, providerId: string): Promise<IdentityProvider> {
    const { provider, organisation } = await this.database.asOrganisation(
      organisationId,
      async (tx) => ({
        provider: await this.providers.find(tx, providerId),
        organisation: await this.providers.organisation(tx),
      }),
      { readOnly: true },
    );
    if (provider?.state !== 'active' || organisation?.sso !== true || organisation.deleting)
      throw new SignInFault('closed', 'Nothing is taken from this provider.');
    return provider;
  }

  private async open(provider: IdentityProvider, token: string): Promise<LoggedOut> {
    const metadata = await this.discovery.of(provider);
    const { header, payload } = await this.idTokens.open(token, metadata, allowedAlgorithms(provider, metadata));
    const preset = presetOf(provider);
    const expected = {
      issuer: provider.issuer,
      alias: aliasOf(preset, provider.issuer),
      clientId: provider.clientId,
      trustedAudiences: provider.settings.trustedAudiences,
      skewSeconds: this.config.identityProviders.clockSkewSeconds,
    };
    return judgeLogoutToken(header, payload, expected, preset.subject, this.clock.now());
  }
}
