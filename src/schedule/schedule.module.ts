import { Module } from '@nestjs/common';
import { ScheduleModule as NestScheduleModule } from '@nestjs/schedule';
import { AuditModule } from '../audit/audit.module.js';
import { AuthModule } from '../auth/auth.module.js';
import { ImportsModule } from '../imports/imports.module.js';
import { InvitationsModule } from '../invitations/invitations.module.js';
import { MailModule } from '../mail/mail.module.js';
import { OrganisationsModule } from '../organisations/organisations.module.js';
import { PeopleModule } from '../people/people.module.js';
import { RANDOM } from '../runs/finishing.js';
import { RunsModule } from '../runs/runs.module.js';
import { SignInModule } from '../sign-in/sign-in.module.js';
import { Asking } from './asking.js';
import { Cleaning } from './cleaning.js';
import { DueRepository } from './due.repository.js';
import { Leftovers } from './leftovers.js';
import { LeftoversRepository } from './leftovers.repository.js';
import { Looks } from './looks.js';
import { OverdueRepository } from './overdue.repository.js';
import { ScheduleService } from './schedule.service.js';
import { SyncMetrics } from './sync-metrics.js';
import { SyncMetricsRepository } from './sync-metrics.repository.js';
import { Watching } from './watching.js';

@Module({
  imports: [
    NestScheduleModule.forRoot(),
    AuditModule,
    AuthModule,
    ImportsModule,
    InvitationsModule,
    MailModule,
    OrganisationsModule,
    PeopleModule,
    RunsModule,
    SignInModule,
  ],
  providers: [
    Asking,
    Cleaning,
    DueRepository,
    Leftovers,
    LeftoversRepository,
    Looks,
    OverdueRepository,
    ScheduleService,
    SyncMetrics,
    SyncMetricsRepository,
    Watching,
    { provide: RANDOM, useValue: Math.random },
  ],
  exports: [ScheduleService],
})
export class ScheduleModule {}
