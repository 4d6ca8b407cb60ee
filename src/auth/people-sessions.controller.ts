import { Controller, Get, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Id } from '../common/fields.js';
import { Answers } from './answers.decorator.js';
import { Caller } from './caller.decorator.js';
import { SessionsInUse } from './sessions-in-use.service.js';
import { Requires } from './requires.decorator.js';
import { EndedView, SessionsList } from './sessions.dto.js';

@ApiTags('People')
@Controller('api/v1/people/:id/sessions')
export class PeopleSessionsController {
  constructor(private readonly sessions: SessionsInUse) {}

  @Get()
  @Requires('sessions:read')
  @Answers(200, SessionsList, 'Lists where a person is signed in, newest first.')
  list(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<SessionsList> {
    return this.sessions.list(caller, id);
  }

  @Post('end')
  @Requires('sessions:write')
  @Answers(200, EndedView, 'Ends all sessions of a person at once.')
  end(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<EndedView> {
    return this.sessions.endAll(caller, id);
  }
}
