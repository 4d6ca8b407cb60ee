import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../common/clock.js';
import { CONFIG, type Config } from '../config/config.types.js';
import type { Algorithm } from '../connectors/sign-in-preset.js';
import type { AttemptRow } from './attempts.repository.js';
import type { ClientSecret } from './client-secrets.service.js';
import { IdTokens } from './id-token.service.js';
import type { IdentityProvider } from './identity-providers.types.js';
import { aliasOf, presetOf } from './presets.js';
import { lacksProfile, provenIdentity } from './proven-identity.js';
import type { ProviderMetadata } from './provider-metadata.js';
import type { Exchanged } from './relying-party.strategy.js';
import type { ProvenIdentity } from './sso.types.js';
import { type Claims, judgeIdToken, subjectOf } from './token-claims.js';
import { TokenExchange } from './token-exchange.service.js';
import { UserInfo } from './user-info.service.js';

const A_MINUTE_S = 60;

export interface CodeOrder {
  provider: IdentityProvider;
  metadata: ProviderMetadata;
  attempt: AttemptRow;
  code: string;
  verifier: string;
  secret: ClientSecret | null;
}

/** From a code to a proven identity: exchange, signature, claims, UserInfo. */
@Injectable()
export class CodeFlow {
  constructor(
    private readonly tokens: TokenExchange,
    private readonly idTokens: IdTokens,
    private readonly userInfo: UserInfo,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** @throws {SignInFault} for the first thing that is not as it must be. */
  async exchange(order: CodeOrder): Promise<Exchanged<ProvenIdentity>> {
    const { provider, metadata, attempt, code, verifier, secret } = order;
    const { idToken, accessToken } = await this.tokens.exchange({
      tokenEndpoint: metadata.tokenEndpoint,
      issuer: provider.issuer,
      clientId: provider.clientId,
      clientAuth: provider.settings.clientAuth,
      secret,
      code,
      verifier,
      redirectUri: attempt.redirectUri,
    });
    const signed = await this.idTokens.open(idToken, metadata, allowedAlgorithms(provider, metadata));
    const preset = presetOf(provider);
    const { clockSkewSeconds, idTokenMaxAgeMinutes } = this.config.identityProviders;
    const token = judgeIdToken(
      signed.header,
      signed.payload,
      {
        issuer: provider.issuer,
        alias: aliasOf(preset, provider.issuer),
        clientId: provider.clientId,
        trustedAudiences: provider.settings.trustedAudiences,
        skewSeconds: clockSkewSeconds,
        nonce: attempt.nonce,
        maxTokenAgeSeconds: idTokenMaxAgeMinutes * A_MINUTE_S,
        authenticatedSince: authenticatedSince(attempt),
        accessToken,
        algorithm: signed.algorithm,
      },
      this.clock.now(),
    );
    const more = await this.moreOf(token, metadata, accessToken);
    return {
      proven: provenIdentity(provider, preset, token, more, idToken),
      subject: subjectOf(token),
      nonce: String(token['nonce']),
      issuedAt: Number(token['iat']),
      algorithm: signed.algorithm,
    };
  }

  private async moreOf(token: Claims, metadata: ProviderMetadata, accessToken: string): Promise<Claims | null> {
    if (metadata.userInfoEndpoint === null || !lacksProfile(token)) return null;
    return this.userInfo.read(metadata.userInfoEndpoint, accessToken, subjectOf(token));
  }
}

/** What the preset, the provider's own settings and the issuer all agree to. */
export function allowedAlgorithms(
  provider: Pick<IdentityProvider, 'preset' | 'settings'>,
  metadata: Pick<ProviderMetadata, 'algorithms'>,
): Algorithm[] {
  return presetOf(provider).algorithms.filter(
    (algorithm) => provider.settings.algorithms.includes(algorithm) && metadata.algorithms.includes(algorithm),
  );
}

/** O-73: the request and its answer are weighed by one clock, ours. A test asks to see what comes, and takes it as it is. */
function authenticatedSince({ maxAge, createdAt, purpose }: AttemptRow): number | null {
  return maxAge === null || purpose === 'test' ? null : Math.floor(createdAt.getTime() / 1000) - maxAge;
}
