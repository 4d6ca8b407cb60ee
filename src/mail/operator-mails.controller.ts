import { Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Answers, ShownOnce } from '../auth/answers.decorator.js';
import { Caller } from '../auth/caller.decorator.js';
import { Fresh, RequiresOperator } from '../auth/requires.decorator.js';
import { Id, PageQuery } from '../common/fields.js';
import { MailContentView, WaitingMail, WaitingMailsPage } from './operator-mails.dto.js';
import { OperatorMails } from './operator-mails.service.js';

@ApiTags('Operators')
@Controller('api/v1/operator/mails')
export class OperatorMailsController {
  constructor(private readonly mails: OperatorMails) {}

  @Get()
  @RequiresOperator('operator:mail')
  @Answers(200, WaitingMailsPage, 'Lists mail that was not sent, newest first, without addresses and texts.')
  list(@Query({ schema: PageQuery }) query: PageQuery): Promise<WaitingMailsPage> {
    return this.mails.list(query);
  }

  @Post(':organisationId/:id/content')
  @RequiresOperator('operator:mail')
  @Fresh()
  @ShownOnce()
  @Answers(200, MailContentView, 'Shows a mail that was not sent; the organisation’s log says so.')
  content(
    @Caller() caller: Caller,
    @Param('organisationId', { schema: Id }) organisationId: Id,
    @Param('id', { schema: Id }) id: Id,
  ): Promise<MailContentView> {
    return this.mails.content(caller, organisationId, id);
  }

  @Post(':organisationId/:id/send-again')
  @RequiresOperator('operator:mail')
  @Answers(200, WaitingMail, 'Tries a mail again that was not sent.')
  sendAgain(
    @Caller() caller: Caller,
    @Param('organisationId', { schema: Id }) organisationId: Id,
    @Param('id', { schema: Id }) id: Id,
  ): Promise<WaitingMail> {
    return this.mails.sendAgain(caller, organisationId, id);
  }
}
