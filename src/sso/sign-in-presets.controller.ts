import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Answers } from '../auth/answers.decorator.js';
import { ForSetUp, Requires } from '../auth/requires.decorator.js';
import { PresetsView } from './identity-providers.dto.js';
import { presetsView } from './identity-providers.view.js';

@ApiTags('Identity providers')
@Controller('api/v1/sign-in-presets')
export class SignInPresetsController {
  @Get()
  @Requires('sign-in:read')
  @ForSetUp('sso')
  @Answers(200, PresetsView, 'Lists the kinds of identity provider.')
  list(): PresetsView {
    return presetsView();
  }
}
