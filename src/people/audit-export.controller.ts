import { Readable } from 'node:stream';
import { Controller, Get, StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { contextOf } from '../audit/audit.types.js';
import { AuditExport } from '../audit/export.service.js';
import { AnswersStream } from '../auth/answers.decorator.js';
import { Caller } from '../auth/caller.decorator.js';
import { Fresh, Requires } from '../auth/requires.decorator.js';

@ApiTags('History')
@Controller('api/v1/audit')
export class AuditExportController {
  constructor(private readonly whole: AuditExport) {}

  @Get('export')
  @Requires('audit:read')
  @Fresh()
  @AnswersStream(
    200,
    'application/x-ndjson',
    'The audit log whole, as lines of JSON, each with its place in the chain.',
  )
  async export(@Caller() caller: Caller): Promise<StreamableFile> {
    const lines = await this.whole.begin(caller.organisationId, contextOf(caller));
    return new StreamableFile(Readable.from(lines), {
      type: 'application/x-ndjson',
      disposition: 'attachment; filename="audit.jsonl"',
    });
  }
}
