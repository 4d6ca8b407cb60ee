import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { EventsModule } from '../events/events.module.js';
import { FrameworksModule } from '../frameworks/frameworks.module.js';
import { ApplyChange } from './apply-change.js';
import { ApplyRepository } from './apply.repository.js';
import { ManagerNotices } from './manager-notices.js';
import { ManagerNoticesRepository } from './manager-notices.repository.js';
import { PeopleWriter } from './people-writer.service.js';

@Module({
  imports: [AuditModule, EventsModule, FrameworksModule],
  providers: [ApplyChange, ApplyRepository, ManagerNotices, ManagerNoticesRepository, PeopleWriter],
  exports: [PeopleWriter],
})
export class PeopleModule {}
