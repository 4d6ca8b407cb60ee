import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Answers } from '../auth/answers.decorator.js';
import { Caller } from '../auth/caller.decorator.js';
import { Fresh, Requires } from '../auth/requires.decorator.js';
import { Id } from '../common/fields.js';
import { DecideHold, HoldsList, HoldsQuery, HoldView, MembersPage, MembersQuery } from './holds.dto.js';
import { HoldsService } from './holds.service.js';

@ApiTags('Holds')
@Controller('api/v1/holds')
export class HoldsController {
  constructor(private readonly holds: HoldsService) {}

  @Get()
  @Requires('holds:read')
  @Answers(200, HoldsList, 'Lists the holds, the newest first; the open ones unless told otherwise.')
  list(@Caller() caller: Caller, @Query({ schema: HoldsQuery }) query: HoldsQuery): Promise<HoldsList> {
    return this.holds.list(caller.organisationId, query.state, query.limit);
  }

  @Get(':id')
  @Requires('holds:read')
  @Answers(200, HoldView, 'Shows a hold: why, and what the held people share that the others lack.')
  look(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<HoldView> {
    return this.holds.look(caller.organisationId, id);
  }

  @Get(':id/members')
  @Requires('holds:read')
  @Answers(200, MembersPage, 'Lists the people of a hold, each with the reason and the last sign-in.')
  members(
    @Caller() caller: Caller,
    @Param('id', { schema: Id }) id: Id,
    @Query({ schema: MembersQuery }) query: MembersQuery,
  ): Promise<MembersPage> {
    return this.holds.members(caller.organisationId, id, query);
  }

  @Post(':id/approve')
  @Requires('holds:decide')
  @Fresh()
  @Answers(
    202,
    HoldView,
    'Approves removals of the version that was looked at; each is witnessed before it is applied.',
  )
  approve(
    @Caller() caller: Caller,
    @Param('id', { schema: Id }) id: Id,
    @Body({ schema: DecideHold }) body: DecideHold,
  ): Promise<HoldView> {
    return this.holds.approve(caller, id, body);
  }

  @Post(':id/reject')
  @Requires('holds:decide')
  @Answers(200, HoldView, 'Rejects removals: they are ruled out until the facts differ.')
  reject(
    @Caller() caller: Caller,
    @Param('id', { schema: Id }) id: Id,
    @Body({ schema: DecideHold }) body: DecideHold,
  ): Promise<HoldView> {
    return this.holds.reject(caller, id, body);
  }
}
