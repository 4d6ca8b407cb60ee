import { Body, Controller, Delete, Get, Inject, Param, Patch, Post, Put, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Answers, AnswersNothing } from '../auth/answers.decorator.js';
import { Caller } from '../auth/caller.decorator.js';
import { ForSetUp, Fresh, Requires } from '../auth/requires.decorator.js';
import { Id } from '../common/fields.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { setAttemptCookie } from './attempt-cookie.js';
import {
  BeginTest,
  BegunTestView,
  CreateIdentityProvider,
  IdentityProvidersList,
  IdentityProviderView,
  ProviderStepsView,
  SetClientSecret,
  TestSignInView,
  UpdateIdentityProvider,
} from './identity-providers.dto.js';
import { IdentityProviders } from './identity-providers.service.js';
import { TestingProviders } from './testing-providers.service.js';

@ApiTags('Identity providers')
@Controller('api/v1/identity-providers')
export class IdentityProvidersController {
  constructor(
    private readonly providers: IdentityProviders,
    private readonly testing: TestingProviders,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Post()
  @Requires('sign-in:write')
  @ForSetUp('sso')
  @Fresh()
  @Answers(201, IdentityProviderView, 'Sets an identity provider up; nobody signs in by it before it is enabled.')
  create(
    @Caller() caller: Caller,
    @Body({ schema: CreateIdentityProvider }) body: CreateIdentityProvider,
  ): Promise<IdentityProviderView> {
    return this.providers.create(caller, body);
  }

  @Get()
  @Requires('sign-in:read')
  @ForSetUp('sso')
  @Answers(200, IdentityProvidersList, 'Lists the identity providers.')
  list(@Caller() caller: Caller): Promise<IdentityProvidersList> {
    return this.providers.list(caller);
  }

  @Get(':id')
  @Requires('sign-in:read')
  @ForSetUp('sso', 'id')
  @Answers(200, IdentityProviderView, 'Shows an identity provider, never its secret.')
  show(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<IdentityProviderView> {
    return this.providers.show(caller.organisationId, id);
  }

  @Patch(':id')
  @Requires('sign-in:write')
  @ForSetUp('sso', 'id')
  @Fresh()
  @Answers(200, IdentityProviderView, 'Changes an identity provider; another issuer or client needs the secret again.')
  update(
    @Caller() caller: Caller,
    @Param('id', { schema: Id }) id: Id,
    @Body({ schema: UpdateIdentityProvider }) body: UpdateIdentityProvider,
  ): Promise<IdentityProviderView> {
    return this.providers.update(caller, id, body);
  }

  @Delete(':id')
  @Requires('sign-in:write')
  @Fresh()
  @AnswersNothing('Deletes an identity provider with its links; its sessions end.')
  delete(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<void> {
    return this.providers.delete(caller, id);
  }

  @Put(':id/secret')
  @Requires('sign-in:write')
  @ForSetUp('sso', 'id')
  @Fresh()
  @Answers(200, IdentityProviderView, 'Sets the client secret, or has a key pair made; never shown again.')
  setSecret(
    @Caller() caller: Caller,
    @Param('id', { schema: Id }) id: Id,
    @Body({ schema: SetClientSecret }) body: SetClientSecret,
  ): Promise<IdentityProviderView> {
    return this.providers.setSecret(caller, id, body);
  }

  @Get(':id/steps')
  @Requires('sign-in:read')
  @ForSetUp('sso', 'id')
  @Answers(200, ProviderStepsView, 'Shows what to do in the provider’s own console, with the values to copy.')
  steps(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<ProviderStepsView> {
    return this.providers.steps(caller.organisationId, id);
  }

  @Post(':id/enable')
  @Requires('sign-in:write')
  @ForSetUp('sso', 'id')
  @Fresh()
  @Answers(200, IdentityProviderView, 'Lets people sign in by an identity provider of which a test has passed.')
  enable(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<IdentityProviderView> {
    return this.providers.enable(caller, id);
  }

  @Post(':id/disable')
  @Requires('sign-in:write')
  @Fresh()
  @Answers(200, IdentityProviderView, 'Disables an identity provider at once; its sessions end.')
  disable(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<IdentityProviderView> {
    return this.providers.disable(caller, id);
  }

  @Post(':id/tests')
  @Requires('sign-in:write')
  @ForSetUp('sso', 'id')
  @Answers(201, BegunTestView, 'Begins a test sign-in: it shows what came back, and signs nobody in.')
  async beginTest(
    @Caller() caller: Caller,
    @Param('id', { schema: Id }) id: Id,
    @Body({ schema: BeginTest }) body: BeginTest,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<BegunTestView> {
    const { cookie, ...view } = await this.testing.begin(caller, id, body.returnTo ?? null);
    setAttemptCookie(request, response, cookie, this.config);
    return view;
  }

  @Get(':id/tests/:attemptId')
  @Requires('sign-in:read')
  @ForSetUp('sso', 'id')
  @Answers(200, TestSignInView, 'Shows what came back in a test sign-in, for ten minutes.')
  test(
    @Caller() caller: Caller,
    @Param('id', { schema: Id }) id: Id,
    @Param('attemptId', { schema: Id }) attemptId: Id,
  ): Promise<TestSignInView> {
    return this.testing.result(caller.organisationId, id, attemptId);
  }
}
