import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { AttemptsRepository } from './attempts.repository.js';
import { Attempts } from './attempts.service.js';
import { ClientSecrets } from './client-secrets.service.js';
import { CodeFlow } from './code-flow.service.js';
import { Discovery } from './discovery.service.js';
import { IdTokens } from './id-token.service.js';
import { IdentityProvidersRepository } from './identity-providers.repository.js';
import { IdentityProviders } from './identity-providers.service.js';
import { KeySets } from './key-sets.service.js';
import { Logout } from './logout.service.js';
import { OidcGuard } from './oidc.guard.js';
import { OidcStrategy } from './oidc.strategy.js';
import { ProviderHttp } from './provider-http.js';
import { Refusals } from './refusals.service.js';
import { RelyingParty } from './relying-party.service.js';
import { TestSignIns } from './test-sign-ins.service.js';
import { TokenExchange } from './token-exchange.service.js';
import { UserInfo } from './user-info.service.js';

/** Single sign-on as a relying party of OpenID Connect. It ends in a proven identity; who gets in is decided in sign-in/. */
@Module({
  imports: [AuditModule],
  providers: [
    Attempts,
    AttemptsRepository,
    ClientSecrets,
    CodeFlow,
    Discovery,
    IdTokens,
    IdentityProviders,
    IdentityProvidersRepository,
    KeySets,
    Logout,
    OidcGuard,
    OidcStrategy,
    ProviderHttp,
    Refusals,
    RelyingParty,
    TestSignIns,
    TokenExchange,
    UserInfo,
  ],
  exports: [IdentityProviders, RelyingParty, TestSignIns],
})
export class SsoModule {}
