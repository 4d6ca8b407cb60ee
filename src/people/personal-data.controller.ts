import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Answers, AnswersNothing } from '../auth/answers.decorator.js';
import { Caller } from '../auth/caller.decorator.js';
import { Fresh, Requires } from '../auth/requires.decorator.js';
import { Id } from '../common/fields.js';
import { Erasure } from './erasure.service.js';
import { PersonExport } from './export.service.js';
import { ErasePerson, PersonExportView } from './personal-data.dto.js';

@ApiTags('People')
@Controller('api/v1/people/:id')
export class PersonalDataController {
  constructor(
    private readonly exports: PersonExport,
    private readonly erasure: Erasure,
  ) {}

  @Get('export')
  @Requires('people:export')
  @Fresh()
  @Answers(200, PersonExportView, 'Exports all that is kept about a person.')
  export(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<PersonExportView> {
    return this.exports.export(caller, id);
  }

  @Post('erase')
  @Requires('people:erase')
  @Fresh()
  @AnswersNothing('Erases the personal data of an archived person, for good.')
  erase(
    @Caller() caller: Caller,
    @Param('id', { schema: Id }) id: Id,
    @Body({ schema: ErasePerson }) body: ErasePerson,
  ): Promise<void> {
    return this.erasure.erase(caller, id, body.confirm);
  }
}
