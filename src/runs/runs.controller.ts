import { Body, Controller, Get, Param, Post, Query, StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Answers, AnswersStream } from '../auth/answers.decorator.js';
import { Caller } from '../auth/caller.decorator.js';
import { ForSetUp, Requires } from '../auth/requires.decorator.js';
import { Id } from '../common/fields.js';
import {
  ApproveLinks,
  ChangesPage,
  ChangesQuery,
  ConfirmRun,
  DownloadQuery,
  RunsPage,
  RunsQuery,
  RunView,
} from './runs.dto.js';
import { RunsReading } from './runs-reading.service.js';
import { RunsService } from './runs.service.js';
import { runView } from './runs.view.js';

@ApiTags('Runs')
@Controller('api/v1/runs')
export class RunsController {
  constructor(
    private readonly runs: RunsService,
    private readonly reading: RunsReading,
  ) {}

  @Get()
  @Requires('runs:read')
  @ForSetUp('directory')
  @Answers(200, RunsPage, 'Lists the runs, the newest first.')
  list(@Caller() caller: Caller, @Query({ schema: RunsQuery }) query: RunsQuery): Promise<RunsPage> {
    return this.reading.list(caller.organisationId, query, caller.setUp);
  }

  @Get(':id')
  @Requires('runs:read')
  @ForSetUp('directory', 'id')
  @Answers(200, RunView, 'Shows a run with its progress.')
  show(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<RunView> {
    return this.reading.show(caller.organisationId, id);
  }

  @Get(':id/progress')
  @Requires('runs:read')
  @ForSetUp('directory', 'id')
  @AnswersStream(200, 'text/event-stream', 'Tells the progress of a run as it moves, until it is over.')
  progress(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<StreamableFile> {
    return this.reading.watch(caller.organisationId, id);
  }

  @Get(':id/plan')
  @Requires('runs:read')
  @ForSetUp('directory', 'id')
  @Answers(200, ChangesPage, 'Shows the plan of a run: what happens to whom and why, and who was left out.')
  plan(
    @Caller() caller: Caller,
    @Param('id', { schema: Id }) id: Id,
    @Query({ schema: ChangesQuery }) query: ChangesQuery,
  ): Promise<ChangesPage> {
    return this.reading.changes(caller.organisationId, id, query, false);
  }

  @Get(':id/changes')
  @Requires('runs:read')
  @ForSetUp('directory', 'id')
  @Answers(200, ChangesPage, 'Shows what a run changed: the lines of its plan that were committed.')
  changes(
    @Caller() caller: Caller,
    @Param('id', { schema: Id }) id: Id,
    @Query({ schema: ChangesQuery }) query: ChangesQuery,
  ): Promise<ChangesPage> {
    return this.reading.changes(caller.organisationId, id, query, true);
  }

  @Get(':id/download')
  @Requires('runs:read')
  @AnswersStream(200, 'text/csv', 'The plan of a run as a file, CSV or JSON.')
  download(
    @Caller() caller: Caller,
    @Param('id', { schema: Id }) id: Id,
    @Query({ schema: DownloadQuery }) query: DownloadQuery,
  ): Promise<StreamableFile> {
    return this.reading.download(caller, id, query.format);
  }

  @Post(':id/confirm')
  @Requires('runs:confirm')
  @ForSetUp('directory', 'id')
  @Answers(202, RunView, 'Confirms a preview; what is applied has no removals or links that it did not show.')
  async confirm(
    @Caller() caller: Caller,
    @Param('id', { schema: Id }) id: Id,
    @Body({ schema: ConfirmRun }) body: ConfirmRun,
  ): Promise<RunView> {
    return runView(await this.runs.confirm(caller, id, body.approveLinks));
  }

  @Post(':id/approve-links')
  @Requires('runs:confirm')
  @Answers(202, RunView, 'Approves links that wait in a plan, and asks for the run that makes them.')
  async approveLinks(
    @Caller() caller: Caller,
    @Param('id', { schema: Id }) id: Id,
    @Body({ schema: ApproveLinks }) body: ApproveLinks,
  ): Promise<RunView> {
    return runView(await this.runs.approveLinks(caller, id, body.links));
  }

  @Post(':id/undo')
  @Requires('runs:confirm')
  @Answers(202, RunView, 'Asks for the preview of taking a run back; nothing happens before that is confirmed.')
  async undo(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<RunView> {
    return runView(await this.runs.undo(caller, id));
  }

  @Post(':id/cancel')
  @Requires('runs:start')
  @ForSetUp('directory', 'id')
  @Answers(202, RunView, 'Cancels a run; what it committed stays.')
  async cancel(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<RunView> {
    return runView(await this.runs.cancel(caller, id));
  }
}
