import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { contextOf } from '../audit/audit.types.js';
import { Answers, AnswersNothing } from '../auth/answers.decorator.js';
import { Caller } from '../auth/caller.decorator.js';
import { Requires } from '../auth/requires.decorator.js';
import { Id, PageQuery } from '../common/fields.js';
import {
  CreatePosition,
  PositionsPage,
  PositionsQuery,
  PositionView,
  TitleInboxPage,
  UpdatePosition,
} from './frameworks.dto.js';
import { PositionsService } from './positions.service.js';
import { TitleInboxService } from './title-inbox.service.js';

@ApiTags('Positions')
@Controller('api/v1')
export class PositionsController {
  constructor(
    private readonly positions: PositionsService,
    private readonly titles: TitleInboxService,
  ) {}

  @Post('positions')
  @Requires('frameworks:write')
  @Answers(201, PositionView, 'Makes a position; whose title has its name holds it with the next run.')
  create(@Caller() caller: Caller, @Body({ schema: CreatePosition }) body: CreatePosition): Promise<PositionView> {
    return this.positions.create(caller.organisationId, body, contextOf(caller));
  }

  @Get('positions')
  @Requires('frameworks:read')
  @Answers(200, PositionsPage, 'Lists the positions by framework, the most junior first.')
  list(@Caller() caller: Caller, @Query({ schema: PositionsQuery }) query: PositionsQuery): Promise<PositionsPage> {
    return this.positions.list(caller.organisationId, query);
  }

  @Get('positions/:id')
  @Requires('frameworks:read')
  @Answers(200, PositionView, 'Shows a position.')
  show(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<PositionView> {
    return this.positions.show(caller.organisationId, id);
  }

  @Patch('positions/:id')
  @Requires('frameworks:write')
  @Answers(200, PositionView, 'Renames a position, or moves it in the order of its framework.')
  update(
    @Caller() caller: Caller,
    @Param('id', { schema: Id }) id: Id,
    @Body({ schema: UpdatePosition }) body: UpdatePosition,
  ): Promise<PositionView> {
    return this.positions.update(caller.organisationId, id, body, contextOf(caller));
  }

  @Delete('positions/:id')
  @Requires('frameworks:write')
  @AnswersNothing('Deletes a position that nobody holds, with its aliases.')
  remove(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<void> {
    return this.positions.remove(caller.organisationId, id, contextOf(caller));
  }

  @Get('title-inbox')
  @Requires('frameworks:read')
  @Answers(200, TitleInboxPage, 'Lists titles that match no position, with the positions that each may mean.')
  inbox(@Caller() caller: Caller, @Query({ schema: PageQuery }) query: PageQuery): Promise<TitleInboxPage> {
    return this.titles.list(caller.organisationId, query);
  }
}
