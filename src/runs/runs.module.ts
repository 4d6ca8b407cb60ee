import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { AuthModule } from '../auth/auth.module.js';
import { ConnectionsModule } from '../connections/connections.module.js';
import { FrameworksModule } from '../frameworks/frameworks.module.js';
import { OrganisationsModule } from '../organisations/organisations.module.js';
import { PeopleModule } from '../people/people.module.js';
import { Applier } from './applying.js';
import { AskingController } from './asking.controller.js';
import { FactsAssembler } from './assembling.js';
import { AtSignInRepository } from './at-sign-in.repository.js';
import { ReadingAtSignIn } from './at-sign-in.service.js';
import { Claimer } from './claiming.js';
import { ConflictsService } from './conflicts.service.js';
import { ConnectionStateRepository } from './connection-state.repository.js';
import { DeltaReader } from './delta-reading.js';
import { EvidenceRepository } from './evidence.repository.js';
import { FactsRepository } from './facts.repository.js';
import { Finisher, RANDOM } from './finishing.js';
import { Guard } from './guarding.js';
import { HoldsController } from './holds.controller.js';
import { HoldsService } from './holds.service.js';
import { HoldsRepository } from './holds.repository.js';
import { RunsHousekeeping } from './housekeeping.service.js';
import { LastAdmin } from './last-admin.js';
import { LeaseRepository } from './lease.repository.js';
import { FilePlans } from './file-plans.service.js';
import { LocalKinds } from './local-kinds.service.js';
import { LocalPlans } from './local-plans.js';
import { ManagerPass } from './managing.js';
import { MirrorRepository } from './mirror.repository.js';
import { PlanOrderRepository } from './plan-order.repository.js';
import { Places } from './places.service.js';
import { PlanRepository } from './plan.repository.js';
import { Planner } from './planning.js';
import { PlanSealer } from './sealing.js';
import { Prober } from './probing.js';
import { QuestionsController } from './questions.controller.js';
import { QuestionsService } from './questions.service.js';
import { QuestionsRepository } from './questions.repository.js';
import { Reader } from './reading.js';
import { RemovalRepository } from './removal.repository.js';
import { RemovalsRepository } from './removals.repository.js';
import { RemovalPlan } from './removing.js';
import { RunWorker } from './run-worker.js';
import { Runner } from './runner.js';
import { RunsController } from './runs.controller.js';
import { RunsReading } from './runs-reading.service.js';
import { RunsRepository } from './runs.repository.js';
import { RunsService } from './runs.service.js';
import { StagingRepository } from './staging.repository.js';
import { StatisticsRepository } from './statistics.repository.js';
import { Transitions } from './transitions.js';
import { UndoTraces } from './undo-traces.js';
import { UndoPlanner } from './undoing.js';
import { Verifier } from './verifying.js';
import { Witness } from './witnessing.js';

const REPOSITORIES = [
  AtSignInRepository,
  ConnectionStateRepository,
  EvidenceRepository,
  FactsRepository,
  HoldsRepository,
  LeaseRepository,
  MirrorRepository,
  PlanOrderRepository,
  PlanRepository,
  QuestionsRepository,
  RemovalRepository,
  RemovalsRepository,
  RunsRepository,
  StagingRepository,
  StatisticsRepository,
];

const PHASES = [
  Applier,
  Claimer,
  DeltaReader,
  FactsAssembler,
  FilePlans,
  Finisher,
  Guard,
  LastAdmin,
  LocalKinds,
  LocalPlans,
  ManagerPass,
  Places,
  Planner,
  PlanSealer,
  Prober,
  Reader,
  RemovalPlan,
  RunWorker,
  Transitions,
  UndoPlanner,
  UndoTraces,
  Verifier,
  Witness,
];

@Module({
  imports: [AuditModule, AuthModule, OrganisationsModule, FrameworksModule, PeopleModule, ConnectionsModule],
  controllers: [RunsController, AskingController, HoldsController, QuestionsController],
  providers: [
    ...REPOSITORIES,
    ...PHASES,
    { provide: RANDOM, useValue: Math.random },
    ReadingAtSignIn,
    Runner,
    RunsService,
    RunsReading,
    RunsHousekeeping,
    HoldsService,
    QuestionsService,
    ConflictsService,
  ],
  exports: [
    FilePlans,
    LocalKinds,
    Places,
    RunsService,
    ReadingAtSignIn,
    RunsReading,
    RunsHousekeeping,
    HoldsService,
    QuestionsService,
    ConflictsService,
    Runner,
  ],
})
export class RunsModule {}
