import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { contextOf } from '../audit/audit.types.js';
import { Answers, AnswersNothing } from '../auth/answers.decorator.js';
import { Caller } from '../auth/caller.decorator.js';
import { Requires } from '../auth/requires.decorator.js';
import { Id, PageQuery } from '../common/fields.js';
import {
  CreateFramework,
  ExportedFramework,
  FrameworkFile,
  FrameworksPage,
  FrameworkView,
  ImportedFramework,
  ImportFrameworkQuery,
  UpdateFramework,
} from './frameworks.dto.js';
import { FrameworkFiles } from './framework-files.service.js';
import { FrameworksService } from './frameworks.service.js';

@ApiTags('Frameworks')
@Controller('api/v1/frameworks')
export class FrameworksController {
  constructor(
    private readonly frameworks: FrameworksService,
    private readonly files: FrameworkFiles,
  ) {}

  @Post()
  @Requires('frameworks:write')
  @Answers(201, FrameworkView, 'Makes a framework.')
  create(@Caller() caller: Caller, @Body({ schema: CreateFramework }) body: CreateFramework): Promise<FrameworkView> {
    return this.frameworks.create(caller.organisationId, body.name, contextOf(caller));
  }

  @Post('import')
  @Requires('frameworks:write')
  @Answers(200, ImportedFramework, 'Adds what an exported framework has and is not here; the same again adds nothing.')
  import(
    @Caller() caller: Caller,
    @Query({ schema: ImportFrameworkQuery }) query: ImportFrameworkQuery,
    @Body({ schema: FrameworkFile }) body: FrameworkFile,
  ): Promise<ImportedFramework> {
    return query.dryRun === 'true'
      ? this.files.preview(caller.organisationId, body)
      : this.files.import(caller.organisationId, body, contextOf(caller));
  }

  @Get(':id/export')
  @Requires('frameworks:read')
  @Answers(200, ExportedFramework, 'A framework with positions, teams and aliases, to be imported elsewhere.')
  export(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<ExportedFramework> {
    return this.files.export(caller.organisationId, id);
  }

  @Get()
  @Requires('frameworks:read')
  @Answers(200, FrameworksPage, 'Lists the frameworks, by name.')
  list(@Caller() caller: Caller, @Query({ schema: PageQuery }) query: PageQuery): Promise<FrameworksPage> {
    return this.frameworks.list(caller.organisationId, query);
  }

  @Get(':id')
  @Requires('frameworks:read')
  @Answers(200, FrameworkView, 'Shows a framework.')
  show(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<FrameworkView> {
    return this.frameworks.show(caller.organisationId, id);
  }

  @Patch(':id')
  @Requires('frameworks:write')
  @Answers(200, FrameworkView, 'Renames a framework.')
  update(
    @Caller() caller: Caller,
    @Param('id', { schema: Id }) id: Id,
    @Body({ schema: UpdateFramework }) body: UpdateFramework,
  ): Promise<FrameworkView> {
    return this.frameworks.rename(caller.organisationId, id, body.name, contextOf(caller));
  }

  @Delete(':id')
  @Requires('frameworks:write')
  @AnswersNothing('Deletes a framework that has neither teams nor positions.')
  remove(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<void> {
    return this.frameworks.remove(caller.organisationId, id, contextOf(caller));
  }
}
