import { Readable } from 'node:stream';
import { Controller, Get, StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { AnswersStream } from '../auth/answers.decorator.js';
import { Caller } from '../auth/caller.decorator.js';
import { Fresh, Requires } from '../auth/requires.decorator.js';
import { PeopleExport } from './people-export.service.js';

/** Stands before the controller of people in the module: its path would be somebody's id there. */
@ApiTags('People')
@Controller('api/v1/people')
export class PeopleExportController {
  constructor(private readonly people: PeopleExport) {}

  @Get('export.csv')
  @Requires('people:export')
  @Fresh()
  @AnswersStream(200, 'text/csv', 'The list of people as a file that can be imported again.')
  async export(@Caller() caller: Caller): Promise<StreamableFile> {
    return new StreamableFile(Readable.from(await this.people.begin(caller)), {
      type: 'text/csv; charset=utf-8',
      disposition: 'attachment; filename="people.csv"',
    });
  }
}
