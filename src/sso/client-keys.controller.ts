import { Controller, Get, Param } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Answers } from '../auth/answers.decorator.js';
import { Public } from '../auth/requires.decorator.js';
import { Id } from '../common/fields.js';
import { JwksView } from './identity-providers.dto.js';
import { IdentityProviders } from './identity-providers.service.js';

@ApiExcludeController()
@Controller('sign-in/jwks')
export class ClientKeysController {
  constructor(private readonly providers: IdentityProviders) {}

  @Get(':organisationId/:id')
  @Public('An identity provider reads our public keys here; there is nothing else in them.')
  @Answers(200, JwksView, 'Shows the public key by which an identity provider knows us; none is an empty list.')
  keys(
    @Param('organisationId', { schema: Id }) organisationId: Id,
    @Param('id', { schema: Id }) id: Id,
  ): Promise<JwksView> {
    return this.providers.keys(organisationId, id);
  }
}
