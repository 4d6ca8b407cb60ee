import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { AuthModule } from '../auth/auth.module.js';
import { ConnectionsModule } from '../connections/connections.module.js';
import { OrganisationsModule } from '../organisations/organisations.module.js';
import { AttemptsRepository } from './attempts.repository.js';
import { Attempts } from './attempts.service.js';
import { ClientKeysController } from './client-keys.controller.js';
import { ClientSecrets } from './client-secrets.service.js';
import { CodeFlow } from './code-flow.service.js';
import { Discovery } from './discovery.service.js';
import { IdTokens } from './id-token.service.js';
import { IdentityProvidersController } from './identity-providers.controller.js';
import { IdentityProvidersRepository } from './identity-providers.repository.js';
import { IdentityProviders } from './identity-providers.service.js';
import { KeySets } from './key-sets.service.js';
import { Logout } from './logout.service.js';
import { OidcGuard } from './oidc.guard.js';
import { OidcStrategy } from './oidc.strategy.js';
import { ProviderChecks } from './provider-checks.service.js';
import { ProviderHttp } from './provider-http.js';
import { Refusals } from './refusals.service.js';
import { RelyingParty } from './relying-party.service.js';
import { SignInPresetsController } from './sign-in-presets.controller.js';
import { TestSignIns } from './test-sign-ins.service.js';
import { TestingProviders } from './testing-providers.service.js';
import { TokenExchange } from './token-exchange.service.js';
import { UserInfo } from './user-info.service.js';
import { WrongAnswers } from './wrong-answers.js';

/** Single sign-on as a relying party of OpenID Connect. It ends in a proven identity; who gets in is decided in sign-in/. */
@Module({
  imports: [AuditModule, AuthModule, ConnectionsModule, OrganisationsModule],
  controllers: [ClientKeysController, IdentityProvidersController, SignInPresetsController],
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
    ProviderChecks,
    ProviderHttp,
    Refusals,
    RelyingParty,
    TestSignIns,
    TestingProviders,
    TokenExchange,
    UserInfo,
    WrongAnswers,
  ],
  exports: [IdentityProviders, RelyingParty, TestSignIns],
})
export class SsoModule {}
