import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { EventsModule } from '../events/events.module.js';
import { FrameworksModule } from '../frameworks/frameworks.module.js';
import { ApplyChange } from './apply-change.js';
import { ApplyManagers } from './apply-managers.js';
import { ApplyRepository } from './apply.repository.js';
import { AuditExportController } from './audit-export.controller.js';
import { Erasure } from './erasure.service.js';
import { PersonExport } from './export.service.js';
import { HistoryController } from './history.controller.js';
import { HistoryRepository } from './history.repository.js';
import { Log } from './log.service.js';
import { ManagerChainsRepository } from './manager-chains.repository.js';
import { ManagerNotices } from './manager-notices.js';
import { ManagerNoticesRepository } from './manager-notices.repository.js';
import { PeopleController } from './people.controller.js';
import { PeopleEditing } from './people-editing.service.js';
import { PeopleLifecycle } from './people-lifecycle.service.js';
import { PeopleRepository } from './people.repository.js';
import { PeopleService } from './people.service.js';
import { PeopleWriter } from './people-writer.service.js';
import { PersonalDataController } from './personal-data.controller.js';
import { PersonalDataRepository } from './personal-data.repository.js';
import { PrivilegedAddresses } from './privileged-addresses.service.js';
import { RecordsRepository } from './records.repository.js';
import { Timeline } from './timeline.service.js';
import { Why } from './why.service.js';

@Module({
  imports: [AuditModule, EventsModule, FrameworksModule],
  controllers: [AuditExportController, HistoryController, PeopleController, PersonalDataController],
  providers: [
    ApplyChange,
    ApplyManagers,
    ApplyRepository,
    Erasure,
    HistoryRepository,
    Log,
    ManagerChainsRepository,
    ManagerNotices,
    ManagerNoticesRepository,
    PeopleEditing,
    PeopleLifecycle,
    PeopleRepository,
    PeopleService,
    PeopleWriter,
    PersonExport,
    PersonalDataRepository,
    PrivilegedAddresses,
    RecordsRepository,
    Timeline,
    Why,
  ],
  exports: [Erasure, PeopleLifecycle, PeopleService, PeopleWriter, Timeline, Why],
})
export class PeopleModule {}
