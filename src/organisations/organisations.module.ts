import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { DomainRoutesRepository } from './domain-routes.repository.js';
import { DomainRoutes } from './domain-routes.service.js';
import { DomainsController } from './domains.controller.js';
import { DomainsRepository } from './domains.repository.js';
import { DomainsService } from './domains.service.js';
import { OrganisationsController } from './organisations.controller.js';
import { OrganisationsRepository } from './organisations.repository.js';
import { OrganisationsService } from './organisations.service.js';

@Module({
  imports: [AuditModule],
  controllers: [OrganisationsController, DomainsController],
  providers: [
    OrganisationsService,
    OrganisationsRepository,
    DomainsService,
    DomainsRepository,
    DomainRoutes,
    DomainRoutesRepository,
  ],
  exports: [OrganisationsService, DomainsService, DomainRoutes],
})
export class OrganisationsModule {}
