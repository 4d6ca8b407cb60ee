import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { AliasesController } from './aliases.controller.js';
import { AliasesService } from './aliases.service.js';
import { FrameworkFilesRepository } from './framework-files.repository.js';
import { FrameworkFiles } from './framework-files.service.js';
import { FrameworksController } from './frameworks.controller.js';
import { FrameworksRepository } from './frameworks.repository.js';
import { FrameworksService } from './frameworks.service.js';
import { PositionsController } from './positions.controller.js';
import { PositionsService } from './positions.service.js';
import { ReferenceRepository } from './reference.repository.js';
import { ReferenceService } from './reference.service.js';
import { TeamsController } from './teams.controller.js';
import { TeamsRepository } from './teams.repository.js';
import { TeamsService } from './teams.service.js';
import { TitleInboxService } from './title-inbox.service.js';

@Module({
  imports: [AuditModule],
  controllers: [AliasesController, FrameworksController, PositionsController, TeamsController],
  providers: [
    AliasesService,
    FrameworkFiles,
    FrameworkFilesRepository,
    FrameworksRepository,
    FrameworksService,
    PositionsService,
    ReferenceRepository,
    ReferenceService,
    TeamsRepository,
    TeamsService,
    TitleInboxService,
  ],
  exports: [ReferenceService],
})
export class FrameworksModule {}
