import { Body, Controller, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Answers } from '../auth/answers.decorator.js';
import { Caller } from '../auth/caller.decorator.js';
import { ForSetUp, Fresh, Requires } from '../auth/requires.decorator.js';
import { Id } from '../common/fields.js';
import { DeleteConnection, RunView, Simulate, StartRun } from './runs.dto.js';
import { RunsService } from './runs.service.js';
import { runView } from './runs.view.js';

@ApiTags('Runs')
@Controller('api/v1/connections/:id')
export class AskingController {
  constructor(private readonly runs: RunsService) {}

  @Post('runs')
  @Requires('runs:start')
  @Answers(202, RunView, 'Asks for a resync, of everybody or of some; asking twice is the same as once.')
  async start(
    @Caller() caller: Caller,
    @Param('id', { schema: Id }) id: Id,
    @Body({ schema: StartRun }) body: StartRun,
  ): Promise<RunView> {
    return runView(await this.runs.resync(caller, id, body.people));
  }

  @Post('previews')
  @Requires('runs:start')
  @ForSetUp('directory', 'id')
  @Answers(202, RunView, 'Asks for a preview: exactly what a run would do, and nothing done.')
  async preview(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<RunView> {
    return runView(await this.runs.preview(caller, id));
  }

  @Post('simulations')
  @Requires('runs:start')
  @Answers(202, RunView, 'Asks for the plan that other settings would give, without saving them.')
  async simulate(
    @Caller() caller: Caller,
    @Param('id', { schema: Id }) id: Id,
    @Body({ schema: Simulate }) body: Simulate,
  ): Promise<RunView> {
    return runView(await this.runs.simulate(caller, id, body));
  }

  @Post('deletion')
  @Requires('connections:write')
  @Fresh()
  @Answers(202, RunView, 'Asks for the preview of deleting the connection; it is deleted once that is confirmed.')
  async remove(
    @Caller() caller: Caller,
    @Param('id', { schema: Id }) id: Id,
    @Body({ schema: DeleteConnection }) body: DeleteConnection,
  ): Promise<RunView> {
    return runView(await this.runs.remove(caller, id, body.people));
  }
}
