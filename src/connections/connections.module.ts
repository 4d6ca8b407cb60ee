import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { AuthModule } from '../auth/auth.module.js';
import { OrganisationsModule } from '../organisations/organisations.module.js';
import { AttributesService } from './attributes.service.js';
import { ConnectionKindsController } from './connection-kinds.controller.js';
import { ConnectionKindsService } from './connection-kinds.service.js';
import { ConnectionsController } from './connections.controller.js';
import { ConnectionsRepository } from './connections.repository.js';
import { ConnectionsService } from './connections.service.js';
import { ConnectorsService } from './connectors.service.js';
import { CredentialsStore } from './credentials-store.js';

@Module({
  imports: [AuditModule, AuthModule, OrganisationsModule],
  controllers: [ConnectionsController, ConnectionKindsController],
  providers: [
    AttributesService,
    ConnectionsService,
    ConnectionsRepository,
    ConnectorsService,
    ConnectionKindsService,
    CredentialsStore,
  ],
  exports: [AttributesService, ConnectionsService, ConnectorsService],
})
export class ConnectionsModule {}
