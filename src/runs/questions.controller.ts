import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Answers } from '../auth/answers.decorator.js';
import { Caller } from '../auth/caller.decorator.js';
import { Requires } from '../auth/requires.decorator.js';
import { Id } from '../common/fields.js';
import { ConflictsService } from './conflicts.service.js';
import {
  ConflictsPage,
  ConflictsQuery,
  ConflictView,
  NoticesPage,
  NoticesQuery,
  OverridesPage,
  OverridesQuery,
  OverrideView,
  ResolveConflict,
} from './questions.dto.js';
import { QuestionsService } from './questions.service.js';

@ApiTags('Questions')
@Controller('api/v1')
export class QuestionsController {
  constructor(
    private readonly questions: QuestionsService,
    private readonly conflicts: ConflictsService,
  ) {}

  @Get('conflicts')
  @Requires('conflicts:read')
  @Answers(200, ConflictsPage, 'Lists conflicts: questions that only an admin can answer.')
  listConflicts(
    @Caller() caller: Caller,
    @Query({ schema: ConflictsQuery }) query: ConflictsQuery,
  ): Promise<ConflictsPage> {
    return this.questions.conflicts(caller.organisationId, query);
  }

  @Post('conflicts/:id/resolve')
  @Requires('conflicts:resolve')
  @Answers(200, ConflictView, 'Answers a conflict; the records concerned are read again at once.')
  resolve(
    @Caller() caller: Caller,
    @Param('id', { schema: Id }) id: Id,
    @Body({ schema: ResolveConflict }) body: ResolveConflict,
  ): Promise<ConflictView> {
    return this.conflicts.resolve(caller, id, body.as);
  }

  @Get('overrides')
  @Requires('conflicts:read')
  @Answers(200, OverridesPage, 'Lists overrides: changes that are ruled out for a person.')
  listOverrides(
    @Caller() caller: Caller,
    @Query({ schema: OverridesQuery }) query: OverridesQuery,
  ): Promise<OverridesPage> {
    return this.questions.overrides(caller.organisationId, query);
  }

  @Post('overrides/:id/release')
  @Requires('conflicts:resolve')
  @Answers(200, OverrideView, 'Releases an override; the next run decides about the person anew.')
  release(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<OverrideView> {
    return this.questions.release(caller, id);
  }

  @Get('notices')
  @Requires('notices:read')
  @Answers(200, NoticesPage, 'Lists notices to the admins, each cause once until it is mended.')
  listNotices(@Caller() caller: Caller, @Query({ schema: NoticesQuery }) query: NoticesQuery): Promise<NoticesPage> {
    return this.questions.notices(caller.organisationId, query);
  }
}
