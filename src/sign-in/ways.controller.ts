import { Body, Controller, Delete, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Answers, AnswersNothing } from '../auth/answers.decorator.js';
import { Caller, Visitor } from '../auth/caller.decorator.js';
import { clearCookie } from '../auth/cookies.js';
import { FromBrowser, Fresh, InSupport, Requires, SignedIn } from '../auth/requires.decorator.js';
import { Id } from '../common/fields.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { publicSiteOf, type PublicSite } from '../config/public-site.js';
import { Identities } from './identities.service.js';
import { Leaving } from './leaving.service.js';
import { PasskeyUse } from './passkeys-use.service.js';
import {
  AtProvider,
  OwnIdentities,
  PersonIdentities,
  Reauthenticate,
  ReauthenticateNext,
  SignedOut,
  TieIdentity,
} from './sign-in.dto.js';
import { SteppingUp } from './stepping-up.service.js';

/** The ways to sign in of whoever is signed in, and out again. */
@ApiTags('Session')
@Controller('api/v1')
export class WaysController {
  private readonly site: PublicSite;

  constructor(
    private readonly identities: Identities,
    private readonly leaving: Leaving,
    private readonly passkeys: PasskeyUse,
    private readonly steppingUp: SteppingUp,
    @Inject(CONFIG) config: Config,
  ) {
    this.site = publicSiteOf(config.server);
  }

  @Post('session/sign-out')
  @SignedIn()
  @InSupport()
  @FromBrowser()
  @Answers(200, SignedOut, 'Signs out here, and says where the browser signs out at the identity provider.')
  async signOut(@Caller() caller: Caller, @Res({ passthrough: true }) response: Response): Promise<SignedOut> {
    const url = await this.leaving.signOut(caller);
    clearCookie(response, 'session', this.site);
    return { url };
  }

  @Post('session/reauthenticate')
  @SignedIn()
  @FromBrowser()
  @Answers(200, ReauthenticateNext, 'Begins to show again who one is, as dangerous actions ask for.')
  async reauthenticate(
    @Caller() caller: Caller,
    @Body({ schema: Reauthenticate }) { with: way, returnTo }: Reauthenticate,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ReauthenticateNext> {
    return way === 'passkey'
      ? { next: 'passkey', options: await this.passkeys.stepUpRequest(caller) }
      : { next: 'provider', url: await this.steppingUp.atProvider(caller, returnTo, { request, response }) };
  }

  @Get('me/identities')
  @SignedIn()
  @Answers(200, OwnIdentities, 'Lists the accounts at identity providers by which one signs in.')
  own(@Caller() caller: Caller): Promise<OwnIdentities> {
    return this.identities.own(caller);
  }

  @Post('me/identities')
  @SignedIn()
  @Fresh()
  @Answers(200, AtProvider, 'Begins to tie another account to oneself.')
  tie(
    @Caller() caller: Caller,
    @Body({ schema: TieIdentity }) { providerId, returnTo }: TieIdentity,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<AtProvider> {
    return this.identities.tie(caller, providerId, returnTo, { request, response });
  }

  @Delete('me/identities/:providerId')
  @SignedIn()
  @Fresh()
  @AnswersNothing('Unties an account from oneself; the other sessions by it end.')
  untieOwn(
    @Caller() caller: Caller,
    @Visitor() visitor: Visitor,
    @Param('providerId', { schema: Id }) providerId: Id,
  ): Promise<void> {
    return this.identities.untieOwn(caller, providerId, visitor);
  }

  @Get('people/:id/identities')
  @Requires('sign-in:read')
  @Answers(200, PersonIdentities, 'Lists the accounts at identity providers by which a person signs in.')
  ofPerson(@Caller() caller: Caller, @Param('id', { schema: Id }) id: Id): Promise<PersonIdentities> {
    return this.identities.ofPerson(caller, id);
  }

  @Delete('people/:id/identities/:providerId')
  @Requires('sign-in:write')
  @Fresh()
  @AnswersNothing('Unties an account from a person; the sessions by it end, and another one can be tied.')
  untie(
    @Caller() caller: Caller,
    @Visitor() visitor: Visitor,
    @Param('id', { schema: Id }) id: Id,
    @Param('providerId', { schema: Id }) providerId: Id,
  ): Promise<void> {
    return this.identities.untie(caller, id, providerId, visitor);
  }
}
