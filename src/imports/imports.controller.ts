import { Readable } from 'node:stream';
import { Body, Controller, Delete, Get, Param, Patch, Post, Query, Req, StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { Answers, AnswersNothing, AnswersStream } from '../auth/answers.decorator.js';
import { Caller } from '../auth/caller.decorator.js';
import { Fresh, Requires } from '../auth/requires.decorator.js';
import { rawBody, TakesRaw } from '../auth/takes-raw.decorator.js';
import { Id, PageQuery } from '../common/fields.js';
import { ImportFiles } from './import-files.service.js';
import {
  ConfirmImport,
  ImportLinesPage,
  ImportLinesQuery,
  ImportsPage,
  ImportView,
  UndoView,
  UpdateImport,
  UploadQuery,
} from './imports.dto.js';
import { Imports } from './imports.service.js';
import { Uploads } from './uploads.service.js';

const CSV = 'text/csv';

@ApiTags('Files of people')
@Controller('api/v1/imports')
export class ImportsController {
  constructor(
    private readonly imports: Imports,
    private readonly uploads: Uploads,
    private readonly files: ImportFiles,
  ) {}

  @Get('template.csv')
  @Requires('imports:read')
  @AnswersStream(200, CSV, 'The columns of a file of people, with teams and positions of the organisation as examples.')
  async template(@Caller() caller: Caller): Promise<StreamableFile> {
    return asFile(await this.files.template(caller.organisationId), 'people-template.csv');
  }

  @Post()
  @Requires('imports:write')
  @TakesRaw(CSV)
  @Answers(
    201,
    ImportView,
    'Uploads a file of people, as it is; its preview is asked for at once, and nobody is changed.',
  )
  async upload(
    @Caller() caller: Caller,
    @Req() request: Request,
    @Query({ schema: UploadQuery }) query: UploadQuery,
  ): Promise<ImportView> {
    const length = Number(request.headers['content-length']);
    const id = await this.uploads.take(caller, {
      name: query.name,
      declared: Number.isSafeInteger(length) ? length : null,
      bytes: rawBody(request),
    });
    return this.imports.show(caller.organisationId, id);
  }

  @Get()
  @Requires('imports:read')
  @Answers(200, ImportsPage, 'Lists files of people, the newest first.')
  list(@Caller() caller: Caller, @Query({ schema: PageQuery }) query: PageQuery): Promise<ImportsPage> {
    return this.imports.list(caller.organisationId, query);
  }

  @Get(':id')
  @Requires('imports:read')
  @Answers(200, ImportView, 'Shows a file of people: what it would do, or did.')
  show(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<ImportView> {
    return this.imports.show(caller.organisationId, id);
  }

  @Get(':id/lines')
  @Requires('imports:read')
  @Answers(
    200,
    ImportLinesPage,
    'Shows the rows of a file of which there is something to say, and what was made for them.',
  )
  lines(
    @Caller() caller: Caller,
    @Param('id', { schema: Id }) id: Id,
    @Query({ schema: ImportLinesQuery }) query: ImportLinesQuery,
  ): Promise<ImportLinesPage> {
    return this.files.lines(caller.organisationId, id, query);
  }

  @Get(':id/report.csv')
  @Requires('imports:read')
  @AnswersStream(200, CSV, 'Every row of a file with what became of it, or would.')
  async report(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<StreamableFile> {
    return asFile(await this.files.report(caller, id), `import-${id}.csv`);
  }

  @Patch(':id')
  @Requires('imports:write')
  @Answers(200, ImportView, 'Chooses how a file is to be taken, and asks for a new preview.')
  change(
    @Caller() caller: Caller,
    @Param('id', { schema: Id }) id: Id,
    @Body({ schema: UpdateImport }) body: UpdateImport,
  ): Promise<ImportView> {
    return this.imports.change(caller, id, body);
  }

  @Post(':id/confirm')
  @Requires('imports:write')
  @Fresh()
  @Answers(202, ImportView, 'Confirms what a preview shows; it is applied, and nothing else.')
  confirm(
    @Caller() caller: Caller,
    @Param('id', { schema: Id }) id: Id,
    @Body({ schema: ConfirmImport }) body: ConfirmImport,
  ): Promise<ImportView> {
    return this.imports.confirm(caller, id, body);
  }

  @Post(':id/undo')
  @Requires('runs:confirm')
  @Answers(202, UndoView, 'Asks for the preview of taking back what a file did; it is confirmed as any run is.')
  async undo(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<UndoView> {
    const run = await this.imports.undo(caller, id);
    return { runId: run.id, state: run.state };
  }

  @Delete(':id')
  @Requires('imports:write')
  @AnswersNothing('Discards a file that was not confirmed, or cancelled since; it is deleted at once.')
  discard(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<void> {
    return this.imports.discard(caller, id);
  }
}

function asFile(lines: AsyncIterable<string>, name: string): StreamableFile {
  return new StreamableFile(Readable.from(lines), {
    type: 'text/csv; charset=utf-8',
    disposition: `attachment; filename="${name}"`,
  });
}
