import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { contextOf } from '../audit/audit.types.js';
import { Answers, AnswersNothing } from '../auth/answers.decorator.js';
import { Caller } from '../auth/caller.decorator.js';
import { Requires } from '../auth/requires.decorator.js';
import { Id } from '../common/fields.js';
import { AliasesService } from './aliases.service.js';
import { AliasesPage, AliasesQuery, AliasView, CreateAlias } from './frameworks.dto.js';

@ApiTags('Aliases')
@Controller('api/v1/aliases')
export class AliasesController {
  constructor(private readonly aliases: AliasesService) {}

  @Post()
  @Requires('frameworks:write')
  @Answers(201, AliasView, 'Gives a team or a position another name, for everybody who has it, backwards too.')
  create(@Caller() caller: Caller, @Body({ schema: CreateAlias }) body: CreateAlias): Promise<AliasView> {
    return this.aliases.create(caller.organisationId, body, contextOf(caller));
  }

  @Get()
  @Requires('frameworks:read')
  @Answers(200, AliasesPage, 'Lists the aliases, by kind and name.')
  list(@Caller() caller: Caller, @Query({ schema: AliasesQuery }) query: AliasesQuery): Promise<AliasesPage> {
    return this.aliases.list(caller.organisationId, query);
  }

  @Delete(':id')
  @Requires('frameworks:write')
  @AnswersNothing('Deletes an alias; whoever came by it is looked at again.')
  remove(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<void> {
    return this.aliases.remove(caller.organisationId, id, contextOf(caller));
  }
}
