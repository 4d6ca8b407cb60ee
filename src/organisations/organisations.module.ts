import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { AuthModule } from '../auth/auth.module.js';
import { DomainChecks } from './domain-checks.service.js';
import { DomainRoutesRepository } from './domain-routes.repository.js';
import { DomainRoutes } from './domain-routes.service.js';
import { DomainsController } from './domains.controller.js';
import { DomainsRepository } from './domains.repository.js';
import { DomainsService } from './domains.service.js';
import { FeatureSwitchesRepository } from './feature-switches.repository.js';
import { FeatureSwitches } from './feature-switches.service.js';
import { InstallationRepository } from './installation.repository.js';
import { Installation } from './installation.service.js';
import { OperatorsRepository } from './operators.repository.js';
import { Operators } from './operators.service.js';
import { OrganisationDeletion } from './organisation-deletion.service.js';
import { OrganisationsController } from './organisations.controller.js';
import { OrganisationsRepository } from './organisations.repository.js';
import { OrganisationsService } from './organisations.service.js';
import { SetUpLinksController } from './set-up-links.controller.js';
import { SetUpLinksRepository } from './set-up-links.repository.js';
import { SetUpLinks } from './set-up-links.service.js';
import { SignInSettingsController } from './sign-in-settings.controller.js';
import { SignInSettingsRepository } from './sign-in-settings.repository.js';
import { SignInSettingsService } from './sign-in-settings.service.js';
import { SupportSessionsController } from './support-sessions.controller.js';
import { SupportSessionsRepository } from './support-sessions.repository.js';
import { SupportSessions } from './support-sessions.service.js';
import { txtResolver, TXT_RESOLVER } from './txt-records.js';

/** Organisations, what is switched on for them, their domains, who runs the installation, and who may set up. */
@Module({
  imports: [AuditModule, AuthModule],
  controllers: [
    OrganisationsController,
    DomainsController,
    SetUpLinksController,
    SignInSettingsController,
    SupportSessionsController,
  ],
  providers: [
    ...[OrganisationsService, OrganisationsRepository],
    ...[DomainsService, DomainsRepository, DomainRoutes, DomainRoutesRepository, DomainChecks],
    { provide: TXT_RESOLVER, useFactory: txtResolver },
    ...[FeatureSwitches, FeatureSwitchesRepository, OrganisationDeletion],
    ...[Operators, OperatorsRepository, Installation, InstallationRepository],
    ...[SupportSessions, SupportSessionsRepository],
    ...[SignInSettingsService, SignInSettingsRepository],
    ...[SetUpLinks, SetUpLinksRepository],
  ],
  exports: [
    OrganisationsService,
    DomainsService,
    DomainChecks,
    DomainRoutes,
    FeatureSwitches,
    Installation,
    OrganisationDeletion,
    Operators,
    SupportSessions,
    SetUpLinks,
  ],
})
export class OrganisationsModule {}
