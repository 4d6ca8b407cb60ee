import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Answers } from '../auth/answers.decorator.js';
import { Caller } from '../auth/caller.decorator.js';
import { Fresh, Requires } from '../auth/requires.decorator.js';
import { SetSignInSettings, SignInSettingsView } from './sign-in-settings.dto.js';
import { SignInSettingsService } from './sign-in-settings.service.js';

@ApiTags('Sign-in settings')
@Controller('api/v1/sign-in-settings')
export class SignInSettingsController {
  constructor(private readonly settings: SignInSettingsService) {}

  @Get()
  @Requires('sign-in:read')
  @Answers(200, SignInSettingsView, 'Shows how people may sign in, and who may otherwise in an emergency.')
  show(@Caller() caller: Caller): Promise<SignInSettingsView> {
    return this.settings.show(caller.organisationId);
  }

  @Put()
  @Requires('sign-in:write')
  @Fresh()
  @Answers(200, SignInSettingsView, 'Enforces single sign-on or not, and names who is exempt.')
  set(@Caller() caller: Caller, @Body({ schema: SetSignInSettings }) body: SetSignInSettings) {
    return this.settings.set(caller, body);
  }
}
