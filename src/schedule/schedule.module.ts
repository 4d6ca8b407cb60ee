import { Module } from '@nestjs/common';
import { ScheduleModule as NestScheduleModule } from '@nestjs/schedule';
import { AuthModule } from '../auth/auth.module.js';
import { RANDOM } from '../runs/finishing.js';
import { RunsModule } from '../runs/runs.module.js';
import { Asking } from './asking.js';
import { Cleaning } from './cleaning.js';
import { DueRepository } from './due.repository.js';
import { OverdueRepository } from './overdue.repository.js';
import { ScheduleService } from './schedule.service.js';
import { SyncMetrics } from './sync-metrics.js';
import { SyncMetricsRepository } from './sync-metrics.repository.js';
import { Watching } from './watching.js';

@Module({
  imports: [NestScheduleModule.forRoot(), AuthModule, RunsModule],
  providers: [
    Asking,
    Cleaning,
    DueRepository,
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
