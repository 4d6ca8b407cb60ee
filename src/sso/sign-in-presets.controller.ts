import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Answers } from '../auth/answers.decorator.js';
import { Caller } from '../auth/caller.decorator.js';
import { ForSetUp, Requires } from '../auth/requires.decorator.js';
import { PresetsQuery, PresetsView } from './identity-providers.dto.js';
import { IdentityProviders } from './identity-providers.service.js';

@ApiTags('Identity providers')
@Controller('api/v1/sign-in-presets')
export class SignInPresetsController {
  constructor(private readonly providers: IdentityProviders) {}

  @Get()
  @Requires('sign-in:read')
  @ForSetUp('sso')
  @Answers(200, PresetsView, 'Lists the kinds of identity provider, with what to do in their own consoles.')
  list(@Caller() { organisationId }: Caller, @Query({ schema: PresetsQuery }) { id }: PresetsQuery): PresetsView {
    return this.providers.presets(organisationId, id);
  }
}
