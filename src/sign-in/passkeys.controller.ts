import { Body, Controller, Delete, Get, Param, Patch, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Answers, AnswersNothing } from '../auth/answers.decorator.js';
import { Caller, Visitor } from '../auth/caller.decorator.js';
import { Fresh, FromBrowser, InSupport, Public, SignedIn } from '../auth/requires.decorator.js';
import { Id } from '../common/fields.js';
import { SignedInView } from './links.dto.js';
import {
  AddPasskey,
  PasskeyCreation,
  PasskeyRequest,
  PasskeysList,
  PasskeyView,
  RenamePasskey,
  SignInWithPasskey,
  StepUpWithPasskey,
} from './passkeys.dto.js';
import { PasskeyUse } from './passkeys-use.service.js';
import { Passkeys } from './passkeys.service.js';

@ApiTags('Passkeys')
@Controller('api/v1')
export class PasskeysController {
  constructor(
    private readonly passkeys: Passkeys,
    private readonly use: PasskeyUse,
  ) {}

  @Get('me/passkeys')
  @SignedIn()
  @Answers(200, PasskeysList, 'Lists one’s own passkeys, oldest first.')
  list(@Caller() caller: Caller): Promise<PasskeysList> {
    return this.passkeys.list(caller);
  }

  @Post('me/passkeys/options')
  @SignedIn()
  @Answers(200, PasskeyCreation, 'Begins to add a passkey: what the browser needs to make one.')
  creation(@Caller() caller: Caller): Promise<PasskeyCreation> {
    return this.passkeys.creation(caller);
  }

  @Post('me/passkeys')
  @SignedIn()
  @Answers(201, PasskeyView, 'Adds a passkey to oneself; one’s other sessions end.')
  add(
    @Caller() caller: Caller,
    @Body({ schema: AddPasskey }) body: AddPasskey,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<PasskeyView> {
    return this.passkeys.add(caller, body, { request, response });
  }

  @Patch('me/passkeys/:id')
  @SignedIn()
  @Answers(200, PasskeyView, 'Gives one of one’s own passkeys another name.')
  rename(
    @Caller() caller: Caller,
    @Param('id', { schema: Id }) id: Id,
    @Body({ schema: RenamePasskey }) { name }: RenamePasskey,
  ): Promise<PasskeyView> {
    return this.passkeys.rename(caller, id, name);
  }

  @Delete('me/passkeys/:id')
  @SignedIn()
  @Fresh()
  @AnswersNothing('Removes one of one’s own passkeys; one’s other sessions end.')
  remove(
    @Caller() caller: Caller,
    @Param('id', { schema: Id }) id: Id,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    return this.passkeys.remove(caller, id, { request, response });
  }

  @Post('sign-in/passkey/options')
  @Public('whoever signs in is nobody yet')
  @FromBrowser()
  @Answers(200, PasskeyRequest, 'Begins a sign-in by passkey: what the browser needs to use one.')
  request(@Req() request: Request, @Res({ passthrough: true }) response: Response): Promise<PasskeyRequest> {
    return this.use.request({ request, response });
  }

  @Post('sign-in/passkey')
  @Public('whoever signs in is nobody yet')
  @FromBrowser()
  @Answers(200, SignedInView, 'Signs in by passkey.')
  signIn(
    @Visitor() visitor: Visitor,
    @Body({ schema: SignInWithPasskey }) body: SignInWithPasskey,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SignedInView> {
    return this.use.signIn(body.response, body.returnTo ?? null, visitor, { request, response });
  }

  @Post('session/passkey')
  @SignedIn()
  @InSupport()
  @AnswersNothing('Shows by passkey again who one is; the session is fresh afterwards.')
  stepUp(
    @Caller() caller: Caller,
    @Body({ schema: StepUpWithPasskey }) body: StepUpWithPasskey,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    return this.use.stepUp(caller, body.response, { request, response });
  }
}
