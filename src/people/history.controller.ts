import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Answers } from '../auth/answers.decorator.js';
import { Caller } from '../auth/caller.decorator.js';
import { Requires } from '../auth/requires.decorator.js';
import { Id, PageQuery } from '../common/fields.js';
import { AuditPage, AuditQuery, EventsFeed, EventsQuery, TimelinePage, WhyQuery, WhyView } from './history.dto.js';
import { Log } from './log.service.js';
import { Timeline } from './timeline.service.js';
import { Why } from './why.service.js';

@ApiTags('History')
@Controller('api/v1')
export class HistoryController {
  constructor(
    private readonly timelines: Timeline,
    private readonly reasons: Why,
    private readonly log: Log,
  ) {}

  @Get('people/:id/timeline')
  @Requires('people:read')
  @Answers(200, TimelinePage, 'Tells what happened to a person, newest first, and why.')
  timeline(
    @Caller() caller: Caller,
    @Param('id', { schema: Id }) id: Id,
    @Query({ schema: PageQuery }) query: PageQuery,
  ): Promise<TimelinePage> {
    return this.timelines.page(caller.organisationId, id, query);
  }

  @Get('why')
  @Requires('people:read')
  @Answers(200, WhyView, 'Tells why somebody is here, or is not: for an address, or for an id in a directory.')
  why(@Caller() caller: Caller, @Query({ schema: WhyQuery }) query: WhyQuery): Promise<WhyView> {
    return this.reasons.ask(caller.organisationId, query);
  }

  @Get('events')
  @Requires('events:read')
  @Answers(200, EventsFeed, 'Tells what happened to people, in order, each change once.')
  events(@Caller() caller: Caller, @Query({ schema: EventsQuery }) query: EventsQuery): Promise<EventsFeed> {
    return this.log.events(caller.organisationId, query);
  }

  @Get('audit')
  @Requires('audit:read')
  @Answers(200, AuditPage, 'Lists the audit log, newest first.')
  audit(@Caller() caller: Caller, @Query({ schema: AuditQuery }) query: AuditQuery): Promise<AuditPage> {
    return this.log.audit(caller.organisationId, query);
  }
}
