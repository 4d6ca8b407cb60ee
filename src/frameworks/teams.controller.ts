import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { contextOf } from '../audit/audit.types.js';
import { Answers, AnswersNothing } from '../auth/answers.decorator.js';
import { Caller } from '../auth/caller.decorator.js';
import { Requires } from '../auth/requires.decorator.js';
import { Id } from '../common/fields.js';
import { CreateTeam, TeamsPage, TeamsQuery, TeamView, UpdateTeam } from './frameworks.dto.js';
import { TeamsService } from './teams.service.js';

@ApiTags('Teams')
@Controller('api/v1/teams')
export class TeamsController {
  constructor(private readonly teams: TeamsService) {}

  @Post()
  @Requires('frameworks:write')
  @Answers(201, TeamView, 'Makes a team; whose department has its name comes into it with the next run.')
  create(@Caller() caller: Caller, @Body({ schema: CreateTeam }) body: CreateTeam): Promise<TeamView> {
    return this.teams.create(caller.organisationId, body, contextOf(caller));
  }

  @Get()
  @Requires('frameworks:read')
  @Answers(200, TeamsPage, 'Lists the teams, by name.')
  list(@Caller() caller: Caller, @Query({ schema: TeamsQuery }) query: TeamsQuery): Promise<TeamsPage> {
    return this.teams.list(caller.organisationId, query);
  }

  @Get(':id')
  @Requires('frameworks:read')
  @Answers(200, TeamView, 'Shows a team.')
  show(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<TeamView> {
    return this.teams.show(caller.organisationId, id);
  }

  @Patch(':id')
  @Requires('frameworks:write')
  @Answers(200, TeamView, 'Renames a team, or gives it another framework.')
  update(
    @Caller() caller: Caller,
    @Param('id', { schema: Id }) id: Id,
    @Body({ schema: UpdateTeam }) body: UpdateTeam,
  ): Promise<TeamView> {
    return this.teams.update(caller.organisationId, id, body, contextOf(caller));
  }

  @Delete(':id')
  @Requires('frameworks:write')
  @AnswersNothing('Deletes a team that nobody is in, with its aliases.')
  remove(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<void> {
    return this.teams.remove(caller.organisationId, id, contextOf(caller));
  }
}
