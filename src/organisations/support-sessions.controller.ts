import { Body, Controller, Delete, Get, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { contextOf } from '../audit/audit.types.js';
import { Answers, AnswersNothing, ShownOnce } from '../auth/answers.decorator.js';
import { Caller } from '../auth/caller.decorator.js';
import { setCookie } from '../auth/cookies.js';
import { Fresh, InSupport, Requires, RequiresOperator } from '../auth/requires.decorator.js';
import { Id, PageQuery } from '../common/fields.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { publicSiteOf, type PublicSite } from '../config/public-site.js';
import { BeginSupport, SupportSessionsPage, SupportSessionView } from './support-sessions.dto.js';
import { SupportSessions } from './support-sessions.service.js';

@ApiTags('Support')
@Controller('api/v1')
export class SupportSessionsController {
  private readonly site: PublicSite;

  constructor(
    private readonly supports: SupportSessions,
    @Inject(CONFIG) config: Config,
  ) {
    this.site = publicSiteOf(config.server);
  }

  @Post('operator/support')
  @RequiresOperator('operator:support')
  @Fresh()
  @Answers(
    201,
    SupportSessionView,
    'Begins a support session: the session goes on in the organisation that is visited.',
  )
  @ShownOnce()
  async begin(
    @Caller() caller: Caller,
    @Body({ schema: BeginSupport }) body: BeginSupport,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SupportSessionView> {
    const { support, session } = await this.supports.begin(caller, body);
    setCookie(response, 'session', session.cookie, { site: this.site });
    return support;
  }

  @Delete('operator/support')
  @RequiresOperator('operator:support')
  @InSupport()
  @AnswersNothing('Ends the support session that one is in, and goes home.')
  async leave(@Caller() caller: Caller, @Res({ passthrough: true }) response: Response): Promise<void> {
    const session = await this.supports.leave(caller);
    setCookie(response, 'session', session.cookie, { site: this.site });
  }

  @Get('support-sessions')
  @Requires('organisation:read')
  @Answers(200, SupportSessionsPage, 'Lists when operators were in the organisation and why, newest first.')
  list(@Caller() caller: Caller, @Query({ schema: PageQuery }) query: PageQuery): Promise<SupportSessionsPage> {
    return this.supports.list(caller.organisationId, query);
  }

  @Post('support-sessions/:id/end')
  @Requires('organisation:write')
  @Answers(200, SupportSessionView, 'Ends a support session at once.')
  end(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<SupportSessionView> {
    return this.supports.end(caller.organisationId, id, contextOf(caller));
  }
}
