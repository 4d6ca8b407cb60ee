import { Body, Controller, Get, Patch } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Answers } from '../auth/answers.decorator.js';
import { Caller } from '../auth/caller.decorator.js';
import { Requires } from '../auth/requires.decorator.js';
import { MailSettingsView, UpdateMailSettings } from './mail-settings.dto.js';
import { MailSettings } from './mail-settings.service.js';

@ApiTags('Organisation')
@Controller('api/v1/mail-settings')
export class MailSettingsController {
  constructor(private readonly settings: MailSettings) {}

  @Get()
  @Requires('organisation:read')
  @Answers(200, MailSettingsView, 'Shows how invitations of the organisation look.')
  show(@Caller() caller: Caller): Promise<MailSettingsView> {
    return this.settings.show(caller.organisationId);
  }

  @Patch()
  @Requires('organisation:write')
  @Answers(200, MailSettingsView, 'Changes language, logo, or where answers to invitations go.')
  update(
    @Caller() caller: Caller,
    @Body({ schema: UpdateMailSettings }) body: UpdateMailSettings,
  ): Promise<MailSettingsView> {
    return this.settings.update(caller, body);
  }
}
